"""The dictionary of errors: what each one means, how to see it, how to mend it.

The words stand in `docs/errors/<family>.toml`, what provokes them in `docs/errors/programs/`, and
what was printed then in `docs/errors/captured.json`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import REPOSITORY
from ..language import Language
from .toml_file import read
from .words import Words

#: Where all of it stands, below a checkout.
FOLDER = Path("docs") / "errors"


class Elsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The message in Pythons from `since` on, where the captured one is that of an older one."""

    since: str
    says: str


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One error. `title` is the message, or what of it is always the same.

    `explains` names known errors of lessons, as `03_chat_consumer/no_handler`. `asked` are public
    questions, as `owner/repository#number`. What its program needs is in `needs`: `redis`, `browser`.
    `linux`: the system's own words; `varies`: whose version has a say in the wording.
    """

    id: str
    title: str
    means: Words
    fix: Words
    title_ru: str | None = None
    explains: list[str] = []
    asked: list[str] = []
    needs: list[str] = []
    elsewhere: list[Elsewhere] = []
    linux: bool = False
    varies: str | None = None

    def heading(self, language: Language) -> str:
        """Return the title in `language`: mostly the message itself, which has none."""
        return self.title_ru if language == "ru" and self.title_ru else self.title


class _FamilyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    order: int
    title: Words
    entries: list[Entry]


@dataclass(frozen=True)
class Family:
    """The errors of one page: `name` is that of its file, `printed` what each program printed."""

    name: str
    title: Words
    entries: list[Entry]
    printed: dict[str, list[str]]


def program_path(family: str, root: Path = REPOSITORY) -> Path:
    """Return the module with the functions that provoke a family's errors."""
    return root / FOLDER / "programs" / f"{family}.py"


def captured_path(root: Path = REPOSITORY) -> Path:
    """Return the file with what all programs have printed."""
    return root / FOLDER / "captured.json"


def families(root: Path = REPOSITORY) -> Iterator[Family]:
    """Yield all families in their order. Raises BrokenDescription where a file is wrong."""
    printed = json.loads(captured_path(root).read_text(encoding="utf-8"))
    found = {path.stem: read(path, _FamilyFile) for path in (root / FOLDER).glob("*.toml")}
    for name, content in sorted(found.items(), key=lambda item: item[1].order):
        yield Family(name, content.title, content.entries, printed)
