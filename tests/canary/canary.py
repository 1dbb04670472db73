#!/usr/bin/env python3
"""The canary: do the lessons live with the newest releases, whatever our lock says?

    python tests/canary/canary.py [NN ...] [--ours]

Makes a throw-away environment with the newest channels, channels-redis, redis-py, uvicorn and
Django that go together, so that no other ranges hold than their own; `--ours` keeps the ranges of
requirements/core.in. In it, it runs the checks of lessons 03 to 06 on their references, names each
statement of the pages that no longer holds and the package that turned it (`weather.py`), and holds
sockets idle for eight seconds on each Redis channel layer and in each lesson: what once killed idle
sockets came with a release of redis-py, and no test of ours was quiet for long enough.

Standard library only; takes uv where that is there, else pip. Exit codes: 0 all is well; 1 something
is not as the pages say; 2 there is no environment.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: What the lessons stand on. All else is as new as these allow.
NEWEST = ["channels", "channels-redis", "redis", "uvicorn", "django"]
FIRST_LESSON = 3

PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", type=int, metavar="NN", help="else all from 03 on")
    parser.add_argument("--ours", action="store_true", help="keep the ranges of our own")
    given = parser.parse_args()
    lessons = lessons_wanted(given.lessons)
    with tempfile.TemporaryDirectory(prefix="canary-", ignore_cleanup_errors=True) as folder:
        wanted = requirements((REPOSITORY / "requirements/core.in").read_text("utf-8"), given.ours)
        try:
            python = make_environment(Path(folder), wanted)
        except subprocess.CalledProcessError as error:
            say(f"No environment: {error}")
            return 2
        for name, version in versions(python).items():
            say(f"{name:16} {version}")
        wrong = [fault for lesson in lessons for fault in check(python, lesson)]
        wrong += statements_that_turned(python)
        wrong += hold_idle(python, lessons)
    say("")
    for fault in wrong:
        say(f"WRONG  {fault}")
    say(f"{len(wrong)} things are not as they should be" if wrong else "all is well")
    return 1 if wrong else 0


def lessons_wanted(numbers: list[int]) -> list[str]:
    """Return the names of the lessons with those numbers, of all from 03 on where none are given."""
    names = sorted(path.parent.name for path in REPOSITORY.glob("lessons/[0-9]*_*/lesson.toml"))
    return [
        name
        for name in names
        if (int(name[:2]) in numbers if numbers else int(name[:2]) >= FIRST_LESSON)
    ]


def requirements(text: str, ours: bool) -> str:
    """Return core.in's text without the ranges of NEWEST, or as it is if `ours`."""
    if ours:
        return text
    pattern = re.compile(r"^([\w-]+)([<>=!~].*)$")
    lines = []
    for line in text.splitlines():
        found = pattern.match(line)
        lines.append(found[1] if found and found[1].lower() in NEWEST else line)
    return "\n".join(lines) + "\n"


def make_environment(folder: Path, wanted: str) -> Path:
    """Make an environment in `folder` and return its Python."""
    (folder / "newest.in").write_text(wanted, encoding="utf-8")
    python = folder / "venv" / PYTHON
    if uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"])
        run([uv, "pip", "install", "--quiet", "--python", python, "-r", folder / "newest.in"])
    else:
        venv.create(folder / "venv", with_pip=True)
        run([python, "-m", "pip", "install", "--quiet", "--upgrade", "-r", folder / "newest.in"])
    return python


def versions(python: Path) -> dict[str, str]:
    """Return the versions that NEWEST have there."""
    program = (
        "import importlib.metadata, json, sys;"
        "print(json.dumps({n: importlib.metadata.version(n) for n in sys.argv[1:]}))"
    )
    return json.loads(run([python, "-c", program, *NEWEST]))


def check(python: Path, lesson: str) -> list[str]:
    """Run a lesson's checks on its reference; return what is wrong."""
    say(f"\nchecks of {lesson}")
    command = [python, "-m", "channels_workshop", "--lang", "en", "check", lesson[:2], "--json"]
    command += ["--target", REPOSITORY / "lessons" / lesson]
    document = json.loads(run(command, codes=(0, 1)))
    passed = sum(each["status"] == "pass" for each in document["checks"])
    say(f"  {document['status']}: {passed} of {len(document['checks'])}")
    if document["status"] == "error":
        return [f"{lesson} does not start: {document['message']}"]
    return [
        f"{lesson}: the check {each['id']}: {each['message']}"
        for each in document["checks"]
        if each["status"] in ("fail", "error")
    ]


def statements_that_turned(python: Path) -> list[str]:
    """Return each statement of the pages that no longer holds there, and whose release turned it."""
    sys.path.insert(0, str(Path(__file__).parent))
    import weather

    say("\nstatements of the pages")
    noted = json.loads(weather.NOTED.read_text(encoding="utf-8"))["seen"]
    return [str(each) for each in weather.look(weather.Environment(python), noted)]


def hold_idle(python: Path, lessons: list[str]) -> list[str]:
    """Hold sockets idle; return what is wrong."""
    say("\nidle for eight seconds")
    program = Path(__file__).with_name("idle.py")
    wrong = []
    for each in json.loads(run([python, program, *lessons])):
        say(f"  {'holds' if each['held'] else 'DIES '}  {each['name']}: {each['outcome']}")
        if each["must_hold"] and not each["held"]:
            wrong.append(f"{each['name']} does not survive being idle: {each['outcome']}")
        elif each["held"] and not each["must_hold"]:
            say(
                "         The pages say that it dies. Is the trap gone? Then so should the page be."
            )
    return wrong


def run(command: list[object], codes: tuple[int, ...] = (0,)) -> str:
    """Run a command in the repository; return what it printed. Its errors go where ours go."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "PYTHONUTF8": "1"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    if done.returncode not in codes:
        say(done.stdout)
        raise subprocess.CalledProcessError(done.returncode, list(map(str, command)))
    return done.stdout


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
