"""The atlas of close codes: what each code means, and in which situations it was seen.

The words stand in `docs/close_codes/atlas.toml`, what plays the situations in `programs/` beside it,
and what was seen then in `captured.json`.
"""

from pathlib import Path
from typing import Literal

import msgspec

from .. import REPOSITORY
from .toml_file import read
from .words import Words

#: Where all of it stands, below a checkout.
FOLDER = Path("docs") / "close_codes"


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A close code. `name` is that of the IANA registry; `again`: whether to connect again."""

    code: str
    means: Words
    again: Words
    name: str = ""


class Situation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which a connection ends, or does not begin."""

    id: str
    title: Words
    about: Words


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Situations that stand below one heading."""

    id: str
    title: Words
    about: Words
    situations: list[Situation]


class Atlas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is said."""

    codes: list[Code]
    groups: list[Group]


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client saw: a status, or an error, of the handshake; or a code and its reason."""

    status: int | None = None
    error: str | None = None
    code: int | None = None
    reason: str = ""


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one situation ended: for the client (None: it was gone), and for the consumer.

    `consumer` is what `disconnect` was called with; `untold` where it was not called, `unmade`
    where there was no consumer.
    """

    client: End | None
    consumer: int | Literal["untold", "unmade"] | None


class Captured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was seen, by situation, server and client; and the versions of all that had a say."""

    versions: dict[str, str]
    seen: dict[str, dict[str, dict[str, Seen]]]


def load_atlas(root: Path = REPOSITORY) -> Atlas:
    """Return what is said. Raises BrokenDescription where the file is wrong."""
    return read(root / FOLDER / "atlas.toml", Atlas)


def load_captured(root: Path = REPOSITORY) -> Captured:
    """Return what was seen."""
    return msgspec.json.decode((root / FOLDER / "captured.json").read_bytes(), type=Captured)
