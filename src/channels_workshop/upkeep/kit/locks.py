"""What the locks in requirements/ pin for a machine."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from ... import REPOSITORY

LOCKS = REPOSITORY / "requirements"
#: What every set-up needs, and pip, where a Python comes without one.
ALWAYS = ("build", "core", "kit")


@dataclass(frozen=True)
class Pin:
    """A package at one version, with the hashes of its files."""

    requirement: Requirement
    hashes: tuple[str, ...]

    def is_for(self, environment: dict[str, str]) -> bool:
        """Return whether it is installed in an environment of this kind."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(environment)

    def line(self) -> str:
        """Return it as a line of a lock, without its conditions: pip would ask them of this machine."""
        hashes = " ".join(f"--hash={each}" for each in self.hashes)
        return f"{self.requirement.name}{self.requirement.specifier} {hashes}\n"


def extras() -> list[str]:
    """Return the names of the locks that a kit may hold beside those that it always does."""
    return sorted(path.stem for path in LOCKS.glob("*.txt") if path.stem not in ALWAYS)


def pins(lock: Path) -> list[Pin]:
    """Return all that a lock pins."""
    text = re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        if requirement:
            found.append(Pin(Requirement(requirement), tuple(hashes)))
    return found
