"""Named wrong solutions, and the check that must catch each: `mistakes.toml`."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from .toml_file import BrokenDescription, line_of, read
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


def read_mistakes(folder: Path, check_ids: Collection[str]) -> list[Mistake]:
    """Return the mistakes of the lesson in `folder`. Raises BrokenDescription for a wrong file."""
    path = folder / "mistakes.toml"
    mistakes = read(path, _MistakesFile).mistakes
    seen: set[str] = set()
    for index, mistake in enumerate(mistakes):
        if complaint := _complaint(mistake, check_ids, seen):
            line = line_of(path.read_text(encoding="utf-8"), f"$.mistakes[{index}].id")
            raise BrokenDescription(path, line, *complaint)
        seen.add(mistake.id)
    return mistakes


def _complaint(
    mistake: Mistake, check_ids: Collection[str], seen: Collection[str]
) -> tuple[str, str] | None:
    """Return what is wrong with a mistake that is well-formed, and how to fix it."""
    unknown = sorted({mistake.expected, *mistake.also} - set(check_ids))
    if mistake.id in seen:
        return f"the id {mistake.id!r} is used twice", "Rename one of the two."
    if unknown:
        what = f"mistake {mistake.id!r} names checks that do not exist: {', '.join(unknown)}"
        return what, "lesson.toml lists the checks."
    if not mistake.sections and not mistake.files:
        what = f"mistake {mistake.id!r} changes nothing"
        return what, "Give it [mistakes.sections] or [mistakes.files]."
    return None
