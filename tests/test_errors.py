"""The dictionary of errors: each message on a page is what its program printed, and is found.

Programs that run in a moment are run with the quick tests, those with servers, Redis or a browser
with the slow ones; so is the search, in a real browser, on the built site.
"""

import functools
import json
import os
import re
import subprocess
import sys

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.dictionary import FOLDER, Entry, captured_path, families, program_path
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.judging.browser import can_drive, find_browser
from channels_workshop.processes.redis import STAND_IN, find_program

FAMILIES = list(families())
ENTRIES = {entry.id: entry for family in FAMILIES for entry in family.entries}
CAPTURED = json.loads(captured_path().read_text(encoding="utf-8"))
PROVOKE = REPOSITORY / FOLDER / "programs" / "provoke.py"
#: Families whose programs start nothing that listens.
QUICK = ["imports", "orm", "tokens"]
#: The Python whose words were captured.
CAPTURED_WITH = (3, 11)

needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="captured on Linux, where a process can be forked"
)


@functools.cache
def printed_by(family: str) -> dict[str, list[str]]:
    """Run the programs of a family; return the lines that each one printed."""
    (found,) = (each for each in FAMILIES if each.name == family)
    ids = [entry.id for entry in found.entries if not missing(entry)]
    run = subprocess.run(
        [sys.executable, PROVOKE, "--all", *ids],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONWARNINGS": "default"},
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def missing(entry: Entry) -> str | None:
    """Return what an entry's program needs and this machine lacks."""
    if "redis" in entry.needs and find_program()[0] == STAND_IN:
        return "a Redis is missing: install redis-server or valkey-server"
    if "browser" in entry.needs and not (can_drive() and find_browser()):
        return "a browser is missing: see CONTRIBUTING.md"
    return None


def expected(entry: Entry) -> list[str]:
    """Return the lines that an entry's program prints in this Python."""
    lines = CAPTURED[entry.id]
    for other in entry.elsewhere:
        if sys.version_info >= tuple(map(int, other.since.split("."))):
            (old,) = (line for line in lines if "'await' expression" in line)
            lines = [other.says if line == old else line for line in lines]
    return lines


@needs_linux
@pytest.mark.parametrize(
    ("family", "entry"),
    [
        pytest.param(
            family.name,
            entry,
            id=f"{family.name}-{entry.id}",
            marks=[] if family.name in QUICK else pytest.mark.slow,
        )
        for family in FAMILIES
        for entry in family.entries
    ],
)
def test_the_message_on_the_page_is_what_the_program_prints(family, entry):
    if lacks := missing(entry):
        pytest.skip(lacks)
    printed = printed_by(family)[entry.id]
    if entry.varies and sys.version_info[:2] != CAPTURED_WITH:
        assert printed  # what another version says is seen in the log of this test
        return
    assert printed == expected(entry)


def test_each_entry_has_a_program_and_each_program_an_entry():
    for family in FAMILIES:
        text = program_path(family.name).read_text(encoding="utf-8")
        begun, ended = (re.findall(rf"\[{mark}:([\w-]+)\]", text) for mark in ("start", "end"))
        assert begun == ended
        assert sorted(begun) == sorted(entry.id for entry in family.entries)
    assert set(CAPTURED) == set(ENTRIES)
    assert len(ENTRIES) == sum(len(family.entries) for family in FAMILIES) >= 60


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_the_title_is_the_message(entry):
    """Each word of a title stands in what was captured, where it is not told in other words."""
    if entry.title_ru or entry.id in TOLD_OTHERWISE:
        return
    words = set(re.findall(r"\w+", " ".join(CAPTURED[entry.id])))
    assert set(re.findall(r"\w+", entry.title)) <= words | {"6379"}, CAPTURED[entry.id]


#: Titles that say more than the message does, or leave out what is in the midst of it.
TOLD_OTHERWISE = {"foreign-origin", "no-close-frame", "service-restart", "anonymous-assigned"}


@pytest.mark.parametrize(
    ("entry", "known"),
    [(entry, known) for entry in ENTRIES.values() for known in entry.explains],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_lesson_recognises_what_the_dictionary_says_it_explains(entry, known):
    lesson, _, error = known.partition("/")
    pattern = find_lesson(lesson).known_error(error).pattern
    said = " ".join([*CAPTURED[entry.id], entry.means.en])
    assert re.search(pattern, said)


def test_every_known_error_that_is_a_message_is_in_the_dictionary():
    explained = {known for entry in ENTRIES.values() for known in entry.explains}
    known = {
        f"{lesson.name}/{error.id}" for lesson in all_lessons() for error in lesson.known_errors
    }
    assert explained <= known
    assert known - explained <= LESSONS_OWN


#: Known errors in words of one lesson: its own exceptions and names, or any forgotten `await`.
LESSONS_OWN = {
    "01_sync_vs_async/failure_gets_out",
    "01_sync_vs_async/no_await",
    "04_online_counter/no_async",
    "04_online_counter/nothing_shown",
}


# ---- The command


def test_the_command_provokes_one_and_lists_all(cli):
    one = cli("error", "query-string")
    assert "cannot convert dictionary update sequence element #0" in one
    every = cli("error")
    assert all(entry_id in every for entry_id in ENTRIES)


@pytest.fixture
def cli():
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "channels_workshop", *arguments]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
