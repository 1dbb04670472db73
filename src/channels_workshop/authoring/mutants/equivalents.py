"""Mutants that keep a lesson's agreement, and why: its `equivalents.toml`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...course.toml_file import BrokenDescription, line_of, read

if TYPE_CHECKING:  # it needs the extra `mutants`, and this file is read without it too
    from .making import Mutant


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Mutants of `file` that nobody can tell from the reference by the agreement, for one `reason`.

    `changes` lists them as `verify --mutants` does; `lines` lists lines of which every mutant is
    meant, as they read in the reference; `definition` limits both to a function or class, and
    without them means all of it. None of the three: every mutant of the file.
    """

    file: str
    reason: str
    changes: list[str] = []
    lines: list[str] = []
    definition: str | None = None

    def covers(self, mutant: "Mutant") -> bool:
        """Return whether `mutant` is one of them."""
        if mutant.file != self.file:
            return False
        if self.definition and not f"{mutant.definition}.".startswith(f"{self.definition}."):
            return False
        is_listed = mutant.change in self.changes or mutant.before in self.lines
        return is_listed or not (self.changes or self.lines)

    def names(self, mutant: "Mutant") -> bool:
        """Return whether `mutant` itself is named, and not only what it is a part of."""
        return self.covers(mutant) and mutant.change in self.changes


class EquivalentsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `equivalents.toml`."""

    equivalents: list[Equivalent]


def read_equivalents(folder: Path, mutants: Sequence["Mutant"]) -> list[Equivalent]:
    """Return what the lesson in `folder` declares of its `mutants`, nothing where it has no file.

    Raises BrokenDescription for an entry that fits no mutant: the code has changed since, say.
    """
    path = folder / "equivalents.toml"
    if not path.is_file():
        return []
    equivalents = read(path, EquivalentsFile).equivalents
    for index, entry in enumerate(equivalents):
        if unfit := _unfit(entry, mutants):
            line = line_of(path.read_text(encoding="utf-8"), f"$.equivalents[{index}].file")
            fix = "Mutants are named as `verify --mutants` lists them."
            raise BrokenDescription(path, line, f"no mutant is {unfit}", fix)
    return equivalents


def _unfit(entry: Equivalent, mutants: Sequence["Mutant"]) -> str | None:
    """Return what of `entry` fits no mutant, None where all does."""
    covered = [mutant for mutant in mutants if entry.covers(mutant)]
    changes, lines = ({getattr(m, name) for m in covered} for name in ("change", "before"))
    for wanted, found in ((entry.changes, changes), (entry.lines, lines)):
        for text in wanted:
            if text not in found:
                return f"{text!r} in {entry.file}"
    return None if covered else f"in {entry.file} {entry.definition or ''}".strip()
