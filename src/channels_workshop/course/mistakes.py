"""Named wrong solutions, and the check that must catch each: `mistakes.toml`."""

import msgspec

from .description import BrokenDescription, line_of, read
from .lesson import Lesson
from .words import Words


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to get a lesson wrong.

    `sections` maps section names to the wrong text, `files` maps paths in the project to the
    wrong whole file. `expected` is the check that must fail; `also` lists checks of other tasks
    that may fail with it; `caught_as` is "error" where the target does not even start.
    """

    id: str
    title: Words
    expected: str
    sections: dict[str, str] = {}
    files: dict[str, str] = {}
    also: list[str] = []
    caught_as: str = "fail"


class _MistakesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mistakes: list[Mistake]


def load_mistakes(lesson: Lesson) -> list[Mistake]:
    """Return the mistakes of `lesson`. Raises BrokenDescription where the file is wrong."""
    path = lesson.folder / "mistakes.toml"
    mistakes = read(path, _MistakesFile).mistakes
    check_ids = {check.id for check in lesson.checks}
    seen: set[str] = set()
    for index, mistake in enumerate(mistakes):
        unknown = sorted({mistake.expected, *mistake.also} - check_ids)
        line = line_of(path.read_text(encoding="utf-8"), f"$.mistakes[{index}].id")
        if mistake.id in seen:
            raise BrokenDescription(
                path, line, f"the id {mistake.id!r} is used twice", "Rename one of the two."
            )
        if unknown:
            raise BrokenDescription(
                path,
                line,
                f"mistake {mistake.id!r} names checks that do not exist: {', '.join(unknown)}",
                "lesson.toml lists the checks.",
            )
        if not mistake.sections and not mistake.files:
            raise BrokenDescription(
                path,
                line,
                f"mistake {mistake.id!r} changes nothing",
                "Give it [mistakes.sections] or [mistakes.files].",
            )
        seen.add(mistake.id)
    return mistakes
