"""`grade --bundle`: packs a grader for a service that runs it itself."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..course.lesson import Lesson
from ..language import _, current

if TYPE_CHECKING:
    from ..processes.sandbox import Level


def bundle_for_gradescope(
    lesson: Lesson | None,
    out: Path | None,
    sandbox: "Level",
    seed: int | None,
    policy_file: Path | None,
    private: Path | None,
) -> None:
    """Write the zip for Gradescope's autograder of `lesson`, and say where it is.

    `private` is a folder of private checks, of which those of the lesson go with it.
    """
    from ..course.lessons import all_lessons
    from ..grading.bundles.gradescope import bundle, write_bundle
    from ..grading.bundles.settings import Settings
    from .terminal.console import say

    if lesson is None:
        raise click.UsageError(
            _("An assignment is one lesson. Say which: grade --bundle gradescope --lesson NN")
        )
    # Everybody gets the same questions.
    seed = random.randrange(10**6) if seed is None else seed
    settings = Settings(lesson.name, seed, sandbox, current())
    own = private / lesson.name if private else None
    content = bundle(
        lesson,
        all_lessons(),
        settings,
        policy=policy_file,
        private=own if own and own.is_dir() else None,
    )
    file = out or Path(f"gradescope-{lesson.number:02}.zip")
    write_bundle(file, content)
    say(
        _("{file}: upload it as the autograder. README.md in it says what to choose.", file=file),
        "green",
    )
    if sandbox == "basic":
        say(_("Where no strong sandbox can be built, a submission will see the checks."), "yellow")
