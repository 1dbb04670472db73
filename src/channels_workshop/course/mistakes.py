"""Named wrong solutions, and right ones that take a freedom: `mistakes.toml`, `freedoms.toml`."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

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


class Freedom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A right solution that takes what the agreement leaves open: the sentences `takes`, by id.

    `sections` and `files` are those of a Mistake. `added` maps paths in the project to what is added
    at the end of that file: a class that extends the one above it stays short, and follows the
    reference. `title` is for authors, so in English.
    """

    id: str
    title: str
    takes: list[str]
    sections: dict[str, str] = {}
    files: dict[str, str] = {}
    added: dict[str, str] = {}


class MistakesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `mistakes.toml`."""

    mistakes: list[Mistake]


class FreedomsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `freedoms.toml`."""

    freedoms: list[Freedom]


Variant = TypeVar("Variant", Mistake, Freedom)

#: The ways in which a variant changes the reference; a mistake has the first two.
_WAYS = ("sections", "files", "added")


def read_mistakes(folder: Path, check_ids: Collection[str]) -> list[Mistake]:
    """Return the mistakes of the lesson in `folder`. Raises BrokenDescription for a wrong file."""
    path = folder / "mistakes.toml"
    mistakes = read(path, MistakesFile).mistakes

    def complaint(mistake: Mistake) -> tuple[str, str] | None:
        unknown = sorted({mistake.expected, *mistake.also} - set(check_ids))
        if not unknown:
            return None
        what = f"mistake {mistake.id!r} names checks that do not exist: {', '.join(unknown)}"
        return what, "lesson.toml lists the checks."

    _refuse_broken(path, "mistakes", mistakes, complaint)
    return mistakes


def read_freedoms(folder: Path, left_open: Collection[str]) -> list[Freedom]:
    """Return the freedoms of the lesson in `folder`, none where it has no such file.

    Raises BrokenDescription for a wrong file.
    """
    path = folder / "freedoms.toml"
    if not path.is_file():
        return []
    freedoms = read(path, FreedomsFile).freedoms

    def complaint(freedom: Freedom) -> tuple[str, str] | None:
        if unknown := sorted(set(freedom.takes) - set(left_open)):
            what = f"freedom {freedom.id!r} takes what is not left open: {', '.join(unknown)}"
            return what, "The agreement names what is: the sentences with a Z."
        if missing := [name for name in freedom.added if not (folder / name).is_file()]:
            what = f"freedom {freedom.id!r} adds to what is not there: {', '.join(missing)}"
            return what, "[freedoms.files] brings new files."
        return None

    _refuse_broken(path, "freedoms", freedoms, complaint)
    return freedoms


def _refuse_broken(
    path: Path,
    kind: str,
    variants: Sequence[Variant],
    complaint: Callable[[Variant], tuple[str, str] | None],
) -> None:
    """Raise BrokenDescription for the first that is well-formed and still cannot be."""
    seen: set[str] = set()
    for index, variant in enumerate(variants):
        wrong = complaint(variant)
        if variant.id in seen:
            wrong = f"the id {variant.id!r} is used twice", "Rename one of the two."
        elif not any(getattr(variant, how, None) for how in _WAYS):
            wrong = (
                f"{variant.id!r} changes nothing",
                f"Give it [{kind}.sections] or [{kind}.files].",
            )
        if wrong:
            line = line_of(path.read_text(encoding="utf-8"), f"$.{kind}[{index}].id")
            raise BrokenDescription(path, line, *wrong)
        seen.add(variant.id)
