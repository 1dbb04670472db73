"""What a bundle says of itself: `bundle.json`, beside the course."""

from pathlib import Path

import msgspec

from ...language import Language
from ...processes.sandbox import Level

NAME = "bundle.json"
#: Beside it, where the instructor has them.
POLICY, PRIVATE = "policy.toml", "private"

#: Seconds after which a submission is given up: a service that has to end it itself gives a zero.
LONGEST = 480.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is graded: the `lesson`, by its name; and how. `sandbox` is the lowest level that will do."""

    lesson: str
    seed: int
    sandbox: Level
    language: Language
    longest: float = LONGEST


def read_settings(source: Path) -> Settings:
    """Return what the bundle that is unpacked in `source` says of itself."""
    return msgspec.json.decode((source / NAME).read_bytes(), type=Settings)
