"""Fetches the packages that a machine installs, whatever machine this one is."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ...errors import WorkshopError
from ...language import message
from .locks import Pin
from .systems import Machine

#: The one package that is published without a wheel. Each machine builds it, with what `build` pins.
WITHOUT_WHEEL = "forbiddenfruit"

_NO_NETWORK = re.compile(
    "NewConnectionError|NameResolutionError|ProxyError|Max retries exceeded|getaddrinfo"
    "|[Cc]onnection (refused|reset|aborted|broken|timed out)|[Nn]etwork is unreachable|ReadTimeout"
)


def fetch(machine: Machine, lock: list[Pin], folder: Path) -> None:
    """Put the files of all that `lock` pins for `machine` into `folder`; each must have its hash.

    Raises WorkshopError where one cannot be had.
    """
    fetched: list[list[Pin]] = []
    for environment in machine.environments():
        wanted = _unique(pin for pin in lock if pin.is_for(environment))
        if wanted in fetched:
            continue
        fetched.append(wanted)
        release = environment["python_full_version"]
        options = [f"--platform={tag}" for tag in machine.system.platforms]
        options += ["--python-version", release, "--implementation", "cp"]
        _download(_with_wheel(wanted), [*options, "--only-binary", ":all:"], folder)
    without = _unique(pin for pin in lock if pin.requirement.name == WITHOUT_WHEEL)
    _download(without, ["--no-binary", WITHOUT_WHEEL, "--no-build-isolation"], folder)


def _unique(pins: Iterable[Pin]) -> list[Pin]:
    """Return each once: several locks may pin one package, under conditions of their own."""
    return list({pin.line(): pin for pin in pins}.values())


def _with_wheel(pins: Iterable[Pin]) -> list[Pin]:
    return [pin for pin in pins if pin.requirement.name != WITHOUT_WHEEL]


def _download(pins: list[Pin], options: list[str], folder: Path) -> None:
    if not pins:
        return
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as temporary:
        lock = Path(temporary) / "lock.txt"
        lock.write_text("".join(pin.line() for pin in pins), encoding="utf-8")
        run = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--disable-pip-version-check"),
                *("--no-input", "--retries", "2", "--require-hashes", "--no-deps"),
                *("--dest", str(folder), *options, "-r", str(lock)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    if run.returncode:
        raise _why(run.stdout)


def _why(said: str) -> WorkshopError:
    if _NO_NETWORK.search(said):
        return WorkshopError(
            message("The packages could not be fetched: the network does not answer."),
            message("Make the kit where there is a network; only setting up from it needs none."),
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()
    return WorkshopError(
        message("pip could not fetch a package:\n{said}", said="\n".join(errors[-4:])),
        message("Call again; if it persists, leave out that system or Python: --system, --python"),
    )
