"""The page "Testing": its examples are run as its reader would run them, in copies of lessons."""

import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from channels_workshop.course.lessons import lesson_folders
from channels_workshop.judging.browser import can_drive, find_browser

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = REPOSITORY / "docs" / "snippets" / "testing"

#: The reader's environment: no settings of this repository, no option for its pytest.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("DJANGO_", "PYTEST_", "PYTHONPATH"))
} | {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "NO_COLOR": "1",
}
PLUGINS = ["-p", "pytest_asyncio.plugin", "-p", "pytest_django.plugin", "-p", "no:cacheprovider"]


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=ENVIRONMENT | environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=180,
    )


def run_pytest(folder: Path, *arguments: str, **environment: str) -> str:
    """Run pytest as the page says; return what it printed."""
    done = run(folder, "-m", "pytest", *PLUGINS, *arguments, **environment)
    return done.stdout + done.stderr


#: What stands in a lesson's folder and is no part of its project.
NO_PART = ("tests", "accepted", "further", "stubs", "example.py", "*.sqlite3")


@pytest.fixture
def project(tmp_path):
    """Makes a copy of a lesson's project, with the page's files instead of the checks."""

    def project(number: str) -> Path:
        (lesson,) = REPOSITORY.glob(f"lessons/{number}_*")
        copy = tmp_path / lesson.name
        shutil.copytree(lesson, copy, ignore=shutil.ignore_patterns(*NO_PART))
        return Path(shutil.copytree(EXAMPLES, copy, dirs_exist_ok=True))

    return project


# ---- The examples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "tests", "passed"), [("04", "test_live.py", 3), ("05", "test_session.py", 1)]
)
def test_the_examples_pass(project, number, tests, passed):
    printed = run_pytest(project(number), f"tests/{tests}", "-W", "error")
    assert re.search(rf"^=+ {passed} passed in", printed, re.MULTILINE), printed


WITH_BROWSER = """
import functools
from playwright.async_api import BrowserType

launch = BrowserType.launch
BrowserType.launch = lambda self: launch(self, executable_path={program!r})
"""


@pytest.mark.slow
def test_the_example_in_a_browser_passes(project):
    program = find_browser()
    if not can_drive() or not program:
        pytest.skip("needs playwright and a browser: workshop.py --with browser")
    copy = project("04")
    (copy / "browser_of_this_machine.py").write_text(
        WITH_BROWSER.format(program=program), encoding="utf-8"
    )
    printed = run_pytest(
        copy, "-p", "browser_of_this_machine", "tests/test_browser.py", PYTHONPATH="."
    )
    assert "1 passed" in printed, printed


def test_the_page_shows_files_that_are_run():
    shown = set(
        re.findall(
            r'--8<-- "docs/snippets/testing/([^":]+)',
            (REPOSITORY / "docs/en/testing.md").read_text("utf-8"),
        )
    )
    run_here = {
        path.relative_to(EXAMPLES).as_posix()
        for path in EXAMPLES.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shown == run_here


@pytest.mark.slow
def test_the_sentinel_finds_one_group_for_all_rooms(project):
    copy = project("03")
    rooms = copy / "chat" / "rooms.py"
    chosen = ["chat/tests.py", "-k", "outside_the_room"]
    assert "1 passed" in run_pytest(copy, *chosen)
    one_for_all = "\n\ndef group_name(*_):\n    return 'all'\n"
    rooms.write_text(rooms.read_text("utf-8") + one_for_all, "utf-8")
    assert "1 failed" in run_pytest(copy, *chosen)


# ---- What pytest.ini is for


def without(copy: Path, line: str) -> None:
    ini = copy / "pytest.ini"
    text = ini.read_text("utf-8")
    assert text.count(line) == 1
    ini.write_text("".join(x for x in text.splitlines(True) if line not in x), "utf-8")


@pytest.mark.slow
def test_without_the_mode_async_tests_fail(project):
    copy = project("03")
    without(copy, "asyncio_mode")
    (copy / "tests" / "test_plain.py").write_text("async def test_nothing():\n    pass\n", "utf-8")
    printed = run_pytest(copy, "--noconftest", "tests/test_plain.py")
    assert "async def functions are not natively supported" in printed
    assert "1 failed" in printed


@pytest.mark.slow
def test_without_python_files_nothing_is_found(project):
    copy = project("03")
    shutil.rmtree(copy / "tests")
    assert re.search(r"\d+ passed", run_pytest(copy))
    without(copy, "python_files")
    assert "no tests ran" in run_pytest(copy)


@pytest.mark.slow
def test_without_the_scope_there_is_a_warning(project):
    copy = project("03")
    chosen = ["chat/tests.py", "-k", "largest_frame"]
    unset = '"asyncio_default_fixture_loop_scope" is unset'
    assert unset not in run_pytest(copy, *chosen)
    without(copy, "asyncio_default_fixture_loop_scope")
    assert unset in run_pytest(copy, *chosen)


# ---- The database

ROWS = """
import pytest
from django.contrib.auth import get_user_model

pytestmark = pytest.mark.django_db{how}

async def test_one():
    await get_user_model().objects.acreate_user("ann")

async def test_another():
    assert await get_user_model().objects.acount() == 0
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "how", "told"),
    [
        ("04", "", "assert 1 == 0"),
        # Its settings say `transaction_mode: IMMEDIATE`.
        ("05", "", "OperationalError: database table is locked"),
        ("04", "(transaction=True)", "2 passed"),
        ("05", "(transaction=True)", "2 passed"),
    ],
)
def test_rows_stay_without_transaction_true(project, number, how, told):
    copy = project(number)
    (copy / "tests" / "test_rows.py").write_text(ROWS.format(how=how), "utf-8")
    printed = run_pytest(copy, "tests/test_rows.py")
    assert told in printed, printed


# ---- The lessons' own tests need what the lesson lists


def named_in(path: Path) -> list[str]:
    """Return the requirements of a file, and of those that it includes."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            found += named_in(path.parent / line.removeprefix("-r "))
        else:
            found.append(line)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def all_needed(lines: list[str]) -> set[str]:
    """Return the distributions that `pip install` would bring for these requirements."""
    found, todo = set(), [(Requirement(line), frozenset([""])) for line in lines]
    seen = set()
    while todo:
        requirement, parents = todo.pop()
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in parents):
            continue
        name, extras = normal(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        try:
            todo += [(Requirement(line), extras | {""}) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
    return found


#: Runs pytest with the packages that are named first; all others are as good as not installed.
ONLY_WITH = """
import sys

hidden, sys.argv = set(sys.argv[1].split(",")), sys.argv[2:]

class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hiding())
import pytest
sys.exit(pytest.main(sys.argv))
"""


def modules_outside(needed: set[str]) -> set[str]:
    return {
        module
        for module, owners in packages_distributions().items()
        if module.isidentifier() and not {normal(owner) for owner in owners} & needed
    } | {"channels_workshop"}


def command_of(readme: Path) -> list[str]:
    """Return the arguments of pytest as the README of a lesson says them."""
    (command,) = re.findall(r"^python -m pytest (.*)$", readme.read_text("utf-8"), re.MULTILINE)
    return shlex.split(command)


@functools.cache
def hidden_without(lines: tuple[str, ...]) -> str:
    return ",".join(sorted(modules_outside(all_needed(list(lines)))))


@pytest.mark.slow
@pytest.mark.parametrize("folder", lesson_folders(), ids=lambda folder: folder.name)
def test_a_lessons_own_tests_need_what_it_lists(folder, tmp_path):
    hidden = hidden_without(tuple(named_in(folder / "requirements-test.txt")))
    assert {"channels_workshop", "mkdocs"} <= set(hidden.split(","))
    copy = Path(shutil.copytree(folder, tmp_path / folder.name))
    arguments = command_of(folder / "README.md")
    assert arguments == command_of(folder / "README.ru.md")
    tests = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/tests.py"))
    assert arguments[-len(tests) :] == tests
    done = run(copy, "-c", ONLY_WITH, hidden, *PLUGINS, *arguments)
    assert re.search(r"^=+ \d+ passed in", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_the_plug_in_of_the_checks_is_what_the_option_leaves_out(tmp_path):
    folder = REPOSITORY / "lessons" / "03_chat_consumer"
    copy = Path(shutil.copytree(folder, tmp_path / folder.name))
    arguments = command_of(folder / "README.md")
    assert arguments[:2] == ["-o", "addopts="]
    done = run(copy, "-c", ONLY_WITH, "channels_workshop", *PLUGINS, *arguments[2:])
    assert done.returncode != 0
    assert 'Error importing plugin "channels_workshop.judging.plugin"' in done.stderr
