#!/usr/bin/env python3
"""Version weather: with which releases the statements of the pages hold, and whose release turned one.

    python tests/canary/weather.py --note            write docs/last_seen.json: the releases here
    python tests/canary/weather.py redis==7.4.1 ...  try other releases, over those that are here
    python tests/canary/weather.py --keep redis==7.4.1    ... and write down there which turned what

Runs the proofs of tests/statements, each module in a process of its own. Where one fails that has
held, it puts the noted release of each changed package back, one at a time: the one with which it
holds again has turned it. Other releases are laid over the environment (`pip install --target`),
which stays as it is.

Exit codes: 0 all hold; 1 some do not; 2 a release cannot be had.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATEMENTS = REPOSITORY / "tests" / "statements"
NOTED = REPOSITORY / "docs" / "last_seen.json"

PACKAGES = ["django", "channels", "channels-redis", "redis", "uvicorn", "daphne", "websockets"]
PACKAGES += ["asgiref"]

#: What each proof of a module came to: None, or the traceback.
Verdicts = dict[str, str | None]


@dataclass(frozen=True)
class Environment:
    """A Python, and folders with other releases that are laid over what it has."""

    python: Path = Path(sys.executable)
    over: tuple[Path, ...] = ()

    def run(self, *command: object) -> str:
        """Run a Python command there; return what it printed."""
        paths = [*self.over, REPOSITORY / "src"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        command = [self.python, *command]
        done = subprocess.run(
            list(map(str, command)), env=environment, capture_output=True, encoding="utf-8"
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return done.stdout

    def versions(self) -> dict[str, str]:
        """Return the releases of Python and of PACKAGES there."""
        program = (
            "import importlib.metadata, json, platform, sys;"
            "print(json.dumps({'python': platform.python_version(),"
            " **{n: importlib.metadata.version(n) for n in sys.argv[1:]}}))"
        )
        return json.loads(self.run("-c", program, *PACKAGES))

    def verdicts(self, module: str) -> Verdicts:
        """Return what each proof of a module comes to there; all fail where it does not even load."""
        try:
            return json.loads(self.run(STATEMENTS / f"{module}.py"))
        except subprocess.CalledProcessError as failed:
            return dict.fromkeys(proofs_of(module), failed.stderr)

    def with_release(self, package: str, version: str, folder: Path) -> "Environment":
        """Return this one with another release of a package, which is fetched into `folder`."""
        target = folder / f"{package}-{version}"
        if not target.is_dir():
            fetch(package, version, target)
        return Environment(self.python, (target, *self.over))


def fetch(package: str, version: str, target: Path) -> None:
    """Install a release into a folder, without what it depends on. Raises CalledProcessError."""
    pip = [shutil.which("uv"), "pip"] if shutil.which("uv") else [sys._base_executable, "-m", "pip"]
    command = [*pip, "install", "--quiet", "--no-deps", "--target", target, f"{package}=={version}"]
    subprocess.run(list(map(str, command)), check=True)


def modules() -> list[str]:
    return sorted(path.stem for path in STATEMENTS.glob("*.toml"))


def statements_of(module: str) -> list[dict[str, str]]:
    import tomllib

    text = (STATEMENTS / f"{module}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["statements"]


def proofs_of(module: str) -> list[str]:
    """Return the proofs that stand in the module itself."""
    return sorted({each["proof"] for each in statements_of(module) if "::" not in each["proof"]})


@dataclass(frozen=True)
class Turned:
    """A proof that has held and no longer does, and the packages whose release made the difference.

    `suspects` are all packages that have changed; `culprits`, those that were put back and helped.
    """

    module: str
    proof: str
    traceback: str
    suspects: list[str]
    culprits: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        statement = next(s for s in statements_of(self.module) if s["proof"] == self.proof)
        where = f"{statement['page']}#{statement['anchor']}: {statement['says']}"
        if self.culprits:
            who = f"turned by {', '.join(self.culprits)}"
        else:
            who = f"no one package alone; changed: {', '.join(self.suspects) or 'nothing'}"
        last = self.traceback.strip().splitlines()[-1:]
        return f"{where}\n  {self.module}: {self.proof}: {who}\n  {' '.join(last)}"


def changes(noted: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the packages whose release is another one now, each with the release that was noted."""
    return {name: noted[name] for name in noted if now.get(name) != noted[name]}


def turned(
    module: str,
    now: Verdicts,
    changed: Mapping[str, str],
    back: Callable[[str, str], Verdicts],
) -> Iterator[Turned]:
    """Yield the proofs of a module that no longer hold, each with its culprits.

    `back(package, version)` returns the module's verdicts with one package as it was.
    """
    failing = {proof: text for proof, text in now.items() if text is not None}
    if not failing:
        return
    # Python itself is a suspect that cannot be put back.
    healed = {name: back(name, version) for name, version in changed.items() if name != "python"}
    for proof, traceback in failing.items():
        culprits = [name for name, verdicts in healed.items() if verdicts.get(proof, "") is None]
        yield Turned(module, proof, traceback, list(changed), culprits)


def look(environment: Environment, noted: Mapping[str, Mapping[str, object]]) -> Iterator[Turned]:
    """Yield all that has turned in an environment since it was noted."""
    now = environment.versions()
    with tempfile.TemporaryDirectory(prefix="weather-") as folder:
        for module, sighting in noted.items():
            changed = changes(sighting["versions"], now)  # type: ignore[arg-type]

            def back(package: str, version: str, module: str = module) -> Verdicts:
                earlier = environment.with_release(package, version, Path(folder))
                return earlier.verdicts(module)

            yield from turned(module, environment.verdicts(module), changed, back)


def keep(found: list[Turned], now: Mapping[str, str]) -> None:
    """Write down which release has turned each statement: from it on, or up to it, it holds."""
    from packaging.version import Version

    document = json.loads(NOTED.read_text(encoding="utf-8"))
    for each in found:
        for package in each.culprits:
            held, tried = document["seen"][each.module]["versions"][package], now[package]
            before, after = sorted((held, tried), key=Version)
            turn = {"package": package, "before": before, "after": after}
            turn |= {"module": each.module, "proof": each.proof}
            turn["holds"] = "before" if held == before else "after"
            if turn not in document["turns"]:
                document["turns"].append(turn)
    write(document)


def write(document: Mapping[str, object]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False)
    NOTED.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def note(environment: Environment, wanted: list[str]) -> list[str]:
    """Write down which modules hold, and with what; return the names of those that do not."""
    document = json.loads(NOTED.read_text(encoding="utf-8"))
    versions, fallen = environment.versions(), []
    for module in wanted:
        verdicts = environment.verdicts(module)
        if any(verdicts.values()):
            fallen.append(module)
        elif verdicts:
            document["seen"][module] = {"proofs": len(verdicts), "versions": versions}
            write(document)  # at once: all of it may take minutes
    return fallen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("releases", nargs="*", metavar="PACKAGE==VERSION")
    parser.add_argument("--note", action="store_true", help="write down what holds here")
    parser.add_argument("--keep", action="store_true", help="write down what a release has turned")
    parser.add_argument("--only", metavar="MODULE", help="of one module alone")
    given = parser.parse_args()
    environment = Environment()
    if given.note:
        for module in (fallen := note(environment, [given.only] if given.only else modules())):
            print(f"does not hold: {module}")
        return 1 if fallen else 0
    noted = json.loads(NOTED.read_text(encoding="utf-8"))["seen"]
    noted = {name: each for name, each in noted.items() if given.only in (None, name)}
    with tempfile.TemporaryDirectory(prefix="weather-") as folder:
        try:
            for release in given.releases:
                package, _, version = release.partition("==")
                environment = environment.with_release(package, version, Path(folder))
        except subprocess.CalledProcessError:
            return 2
        found = list(look(environment, noted))
        if given.keep:
            keep(found, environment.versions())
    for each in found:
        print(each)
    print(f"{len(found)} no longer hold" if found else "all hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
