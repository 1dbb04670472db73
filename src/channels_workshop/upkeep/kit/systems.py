"""The machines that a kit can be for: a system and its processor, and a Python."""

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import WorkshopError
from ...language import message

#: The Pythons that the locks are made for.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class System:
    """A system with its processor.

    `platforms` are the tags of the wheels that it takes; `markers` answer a lock's conditions.
    """

    name: str
    platforms: tuple[str, ...]
    markers: Mapping[str, str]


def _linux(name: str, machine: str) -> System:
    # pip derives older tags from manylinux2014 alone: each of the newer ones has to be named.
    newer = [f"manylinux_2_{minor}_{machine}" for minor in (34, 31, 28, 27, 26, 24, 17)]
    markers = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    tags = (*newer, f"manylinux2014_{machine}")
    return System(name, tags, {**markers, "platform_machine": machine})


_MACOS = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
_WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}

SYSTEMS = (
    _linux("linux", "x86_64"),
    _linux("linux-arm", "aarch64"),
    System("macos", ("macosx_13_0_arm64",), {**_MACOS, "platform_machine": "arm64"}),
    System("windows", ("win_amd64",), {**_WINDOWS, "platform_machine": "AMD64"}),
)


@dataclass(frozen=True)
class Machine:
    """A system with a Python, such as `3.12`."""

    system: System
    python: str

    def environments(self) -> list[dict[str, str]]:
        """Return what a lock's conditions may meet: the first release of this Python, and the last."""
        return [self._environment(f"{self.python}.{patch}") for patch in (0, 99)]

    def _environment(self, release: str) -> dict[str, str]:
        return {
            **self.system.markers,
            "python_version": self.python,
            "python_full_version": release,
            "implementation_name": "cpython",
            "implementation_version": release,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }


def machines(systems: list[str], pythons: list[str]) -> list[Machine]:
    """Return the machines with these systems and Pythons, of all where none is named."""
    wanted = [system for system in SYSTEMS if not systems or system.name in systems]
    return [Machine(system, python) for system in wanted for python in pythons or PYTHONS]


def this_machine() -> Machine:
    """Return this machine. Raises WorkshopError where no kit is made for such a one."""
    python = "{}.{}".format(*sys.version_info)
    for system in SYSTEMS:
        markers = system.markers
        if (markers["sys_platform"], markers["platform_machine"].lower()) == (
            sys.platform,
            platform.machine().lower(),
        ):
            return Machine(system, python)
    raise WorkshopError(
        message("No kit is made for a machine like this one."),
        message("Choose others: --system NAME, --python VERSION"),
    )
