"""The statements of the pages about software, and the claims of others that they settle.

A statement stands in `tests/statements/*.toml` with the proof that shows it, claims stand in
`docs/claims.toml`; with which versions all proofs were last seen to hold, in `docs/last_seen.json`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from .. import REPOSITORY
from .toml_file import read
from .words import Words

Verdict = Literal["true", "half", "no-longer", "false"]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it stands, what it says, and what proves it: a proof, or `file::test`."""

    page: str
    anchor: str
    says: str
    proof: str


class _StatementsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statements: list[Statement]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said somewhere; our verdict and why; the proofs, or the sources, that show it."""

    id: str
    verdict: Verdict
    says: Words
    why: Words
    shown: list[str]


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Claims that stand below one heading."""

    id: str
    title: Words
    claims: list[Claim]


class _ClaimsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    topics: list[Topic]


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With which versions all proofs of a module were last seen to hold, and how many they were."""

    proofs: int
    versions: dict[str, str]


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A release with which a proof began to fail, or to hold: seen by running both."""

    package: str
    before: str
    after: str
    module: str
    proof: str
    holds: Literal["before", "after"]


class LastSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was last seen: by module, and the turns."""

    seen: dict[str, Sighting]
    turns: list[Turn]


def load_statements(root: Path = REPOSITORY) -> Mapping[str, list[Statement]]:
    """Return the statements, by the module of their proofs."""
    files = sorted((root / "tests" / "statements").glob("*.toml"))
    return {path.stem: read(path, _StatementsFile).statements for path in files}


def load_claims(root: Path = REPOSITORY) -> list[Topic]:
    """Return the claims, topic by topic. Raises BrokenDescription where the file is wrong."""
    return read(root / "docs" / "claims.toml", _ClaimsFile).topics


def load_last_seen(root: Path = REPOSITORY) -> LastSeen:
    """Return what was last seen."""
    return msgspec.json.decode((root / "docs" / "last_seen.json").read_bytes(), type=LastSeen)
