"""What runs on Gradescope: `python -m channels_workshop.grading.bundles.on_gradescope FOLDER`.

FOLDER is `/autograder` there. The submission stands in `submission/`, the bundle in `source/`, what
Gradescope knows of the submission in `submission_metadata.json`; the result goes to
`results/results.json`. What is printed is for instructors.
"""

import json
import os
import shutil
import stat
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import msgspec

from ...course.lesson import Lesson
from ...course.lessons import all_lessons, find_lesson
from ...errors import WorkshopError
from ...judging.judge import Judge
from ...language import message, speak
from ...processes.sandbox import Level, why_not_strong
from ..grading import marked
from ..marking import mark_order
from ..order import order_for
from ..policy import read_policy
from ..private import with_private
from ..records import write_whole
from ..reports.gradescope import gradescope
from ..resemblance import compared
from ..rules import Policy
from ..submission import Submission
from ..submissions import find_submissions
from .settings import POLICY, PRIVATE, Settings, read_settings


def grade_here(autograder: Path) -> None:
    """Grade what has been submitted. Raises WorkshopError where that is our fault.

    Then there is no result: Gradescope says that the autograder has failed, and gives no zero.
    """
    source = autograder / "source"
    result = autograder / "results" / "results.json"
    settings = read_settings(source)
    speak(settings.language)
    try:
        with _lesson(source, settings) as lesson:
            content = _result(autograder, settings, lesson)
    except BaseException:
        # What stands there now would be the submission's own.
        result.unlink(missing_ok=True)
        raise
    result.parent.mkdir(parents=True, exist_ok=True)
    write_whole(result, content)


def _lesson(source: Path, settings: Settings) -> AbstractContextManager[Lesson]:
    """Return what gives the lesson, with the instructor's private checks where there are any."""
    lesson = find_lesson(settings.lesson)
    private = source / PRIVATE / lesson.name
    return with_private(lesson, private) if private.is_dir() else nullcontext(lesson)


def _result(autograder: Path, settings: Settings, lesson: Lesson) -> bytes:
    level = _level(settings)
    policy_file = autograder / "source" / POLICY
    lessons = [lesson if one.name == lesson.name else one for one in all_lessons()]
    policy = read_policy(policy_file, lessons) if policy_file.is_file() else Policy()
    submission = _submission(autograder, lesson)
    order = order_for(submission, lesson, settings.seed, level, settings.longest)
    with Judge(level) as judge:
        graded = compared(mark_order(order, judge), lesson)
    ((_same, mark),) = marked([graded], policy, {lesson.name: lesson})
    content = gradescope(graded, mark, lesson, settings.language)
    if content is None:
        raise WorkshopError(graded.reason or message("The submission came to no verdict."))
    return content


def _level(settings: Settings) -> Level:
    missing = why_not_strong()
    if missing is None:
        return "strong"
    if settings.sandbox == "basic":
        print(message("The sandbox is basic. {why}", why=missing))
        return "basic"
    raise WorkshopError(
        message("There is no strong sandbox here. {why}", why=missing),
        message(
            "A bundle made with --sandbox basic does without; its README.md says what that means."
        ),
    )


def _submission(autograder: Path, lesson: Lesson) -> Submission:
    """Return the one submission, with the names and the time that Gradescope knows."""
    names, at = _metadata(autograder / "submission_metadata.json")
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as folder:
        # Whatever it is called, it is the folder of one student in a class of one.
        copy = Path(folder) / "submission"
        handed_in = autograder / "submission"
        shutil.copytree(handed_in, copy, symlinks=True, ignore=_special)
        found = find_submissions([Path(folder)], all_lessons(), lesson=lesson)
    submission = found[0]
    return msgspec.structs.replace(submission, student=names, handed_in_at=at)


def _special(folder: str, names: list[str]) -> list[str]:
    """Return which of `names` are no files and no folders: nobody wants to read from a pipe."""
    modes = {name: os.lstat(Path(folder, name)).st_mode for name in names}
    ordinary = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    return [name for name, mode in modes.items() if not any(kind(mode) for kind in ordinary)]


def _metadata(file: Path) -> tuple[str, datetime | None]:
    """Return the names of those who handed it in, and when that was, as far as the file tells."""
    try:
        told = json.loads(file.read_bytes())
        names = ", ".join(str(user.get("name") or user.get("email")) for user in told["users"])
        at = datetime.fromisoformat(told["created_at"])
        return names or "student", at if at.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "student", None


def _look(autograder: Path) -> None:
    """Say, at the end of a build, which sandbox there can be: the network is still there to mend it."""
    settings = read_settings(autograder / "source")
    speak(settings.language)
    print(find_lesson(settings.lesson).name, _level(settings))


def main(arguments: list[str]) -> int:
    """Grade, or `--look` whether that would go; return the exit code."""
    *flags, folder = arguments
    try:
        _look(Path(folder)) if flags == ["--look"] else grade_here(Path(folder))
    except WorkshopError as error:
        print(error)
        # A build goes on: the sandbox may be there when it counts.
        return 0 if flags else 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
