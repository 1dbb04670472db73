"""Submissions that attack the grader, and what each of them must come to.

An attack is a file in `attacks/`; its fields are those of `Attack`. Laid over a starter, it must not
earn a point more than the starter does; laid over the reference, it may do what it likes to itself, and
nobody else is to notice. Each is held to its row of `attacks/SCOREBOARD.md`; with
ATTACKS_SCOREBOARD=write in the environment it writes that row anew. All of them take long:
`pytest --on-demand -n 3 --dist load tests/test_attacks.py`.
"""

import fcntl
import functools
import os
import re
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from channels_workshop import language
from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import Lesson
from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.harmless import one_line
from channels_workshop.grading.marking import mark_order
from channels_workshop.grading.order import order_for
from channels_workshop.grading.submission import Submission
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.reports import in_words
from channels_workshop.judging.workers import Workers
from channels_workshop.processes.sandbox import why_not_strong

ATTACKS = Path(__file__).with_name("attacks")
SCOREBOARD = ATTACKS / "SCOREBOARD.md"

pytestmark = pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed")

SEED = 7
#: Bytes that a judging process may use, whatever a submission does.
MEMORY = 2**30
#: Seconds within which all of a submission is gone once its judge is.
GONE_AFTER = 10
#: Seconds beyond the order's `longest` that an end may take.
AT_THE_END = 15


class Generated(msgspec.Struct, forbid_unknown_fields=True):
    """A file that is too long to be written down: `begin`, so many `times` `again`, `end`."""

    path: str
    again: str
    times: int
    begin: str = ""
    end: str = ""


class Attack(msgspec.Struct, forbid_unknown_fields=True):
    """What is tried, and what must come of it.

    `item` is the number in the list of GRADING.md. `files` replace files of the submission, by path,
    or stand beside them; `appended` are put at the ends of files; `shared` are files of
    `attacks/shared`, by the path that they are given. `says` is a regular expression for what the report
    says, `never_says` one for what must not stand there. It must be over after `longest` seconds. `made`
    says when the test is made: many wait for as long as checks are patient. `open` is there where the
    grader does not hold yet, and says why.
    """

    item: int
    tries: str
    lesson: str
    over: Literal["starter", "reference"] = "starter"
    files: dict[str, str] = {}
    appended: dict[str, str] = {}
    shared: dict[str, str] = {}
    generated: list[Generated] = []
    says: str = ""
    never_says: str = r"[^\s\S]"
    open: str = ""
    longest: float = 60
    made: Literal["always", "in_ci", "on_demand"] = "on_demand"


@dataclass
class Came:
    """What came of an attack: what the grader says, what it cost, and what was left behind."""

    graded: Graded
    seconds: float = 0.0
    #: Bytes: the most that a judging process has used.
    memory: int = 0
    left: list[str] = field(default_factory=list)


@functools.cache
def attacks() -> dict[str, Attack]:
    return {
        path.stem: msgspec.toml.decode(path.read_bytes(), type=Attack)
        for path in sorted(ATTACKS.glob("*.toml"))
    }


@functools.cache
def lesson_of(number: str) -> Lesson:
    return find_lesson(number)


@functools.cache
def project(number: str, over: str) -> dict[str, bytes]:
    """Return the submitted files of a lesson: of its starter, or of its reference."""
    lesson = lesson_of(number)
    with tempfile.TemporaryDirectory() as folder:
        write_project(lesson, Path(folder), lesson.stubs if over == "starter" else None)
        paths = [path for path in files_below(Path(folder)) if lesson.is_submitted(path)]
        return {str(path): Path(folder, path).read_bytes() for path in paths}


def files_of(attack: Attack) -> dict[str, bytes]:
    files = dict(project(attack.lesson, attack.over))
    files |= {path: text.encode() for path, text in attack.files.items()}
    for path, name in attack.shared.items():
        files[path] = (ATTACKS / "shared" / name).read_bytes()
    for path, text in attack.appended.items():
        files[path] += b"\n" + text.encode()
    for one in attack.generated:
        files[one.path] = (one.begin + one.again * one.times + one.end).encode()
    return files


def handed_in(student: str, number: str, files: dict[str, bytes], longest: float, judge: Judge):
    lesson = lesson_of(number)
    submission = Submission(student, lesson.name, student, files)
    return mark_order(order_for(submission, lesson, SEED, "strong", longest), judge)


@functools.cache
def starters_score(number: str) -> int:
    """Return what a lesson's starter is worth as it is given."""
    with Judge("strong") as judge:
        graded = handed_in("starter", number, project(number, "starter"), 300, judge)
    assert graded.status == "fail"
    return graded.score


def make(name: str) -> Came:
    """Make an attack, alone, and return what came of it."""
    attack = attacks()[name]
    with a_place_for_temporary_files() as folder, what_may_be_reached(), Watch() as watch:
        began = time.monotonic()
        with Judge("strong") as judge:
            graded = handed_in(name, attack.lesson, files_of(attack), attack.longest, judge)
            seconds = time.monotonic() - began
        left = what_is_left(folder)
    return Came(graded, seconds, watch.most, left)


class Watch:
    """Looks at the memory of all judging processes while something else is done."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for pid in descendants(os.getpid()):
                if "channels_workshop.judging" not in _read(pid, "cmdline"):
                    continue
                if found := re.search(r"VmHWM:\s+(\d+) kB", _read(pid, "status")):
                    self.most = max(self.most, int(found[1]) * 1024)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:  # it has ended
        return ""


def descendants(first: int) -> set[int]:
    """Return the ids of all living processes that descend from the first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _read(int(entry.name), "stat")):
            state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    found, waiting = set(), [first]
    while waiting:
        new = children.get(waiting.pop(), [])
        found.update(new)
        waiting += new
    return found


@contextmanager
def a_place_for_temporary_files() -> Iterator[Path]:
    """Have all temporary files of this process, and of those that it starts, in a folder meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="attack-") as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("TMPDIR", name)
        patch.setattr(tempfile, "tempdir", name)
        yield Path(name)


@contextmanager
def what_may_be_reached() -> Iterator[None]:
    """Have listeners on this machine, and a secret in our environment, that no attack is to find."""
    with (
        socket.create_server(("127.0.0.1", 0)),
        socket.socket(socket.AF_UNIX) as abstract,
        pytest.MonkeyPatch.context() as patch,
    ):
        abstract.bind(f"\0workshop-attack-{os.getpid()}")
        abstract.listen()
        patch.setenv("SESAME", "sesame")
        yield


def what_is_left(folder: Path) -> list[str]:
    """Return which processes, mounts and files are still there, once they have had time to go."""
    deadline = time.monotonic() + GONE_AFTER
    while left := _left(folder):
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return left


def _left(folder: Path) -> list[str]:
    # Each process is told of the folder: in its arguments or in its environment.
    known = [(_read(pid, "cmdline"), _read(pid, "environ")) for pid in descendants(1)]
    processes = [f"process {called!r}" for called, told in known if str(folder) in called + told]
    mounts = [line for line in _read(os.getpid(), "mounts").splitlines() if str(folder) in line]
    return processes + mounts + [f"file {path.name}" for path in folder.iterdir()]


def said_of(graded: Graded) -> str:
    """Return all that a report says of a submission."""
    said = [graded.reason, *graded.notes]
    if verdict := graded.verdict:
        said += [verdict.broken.traceback if verdict.broken else "", verdict.stopped]
        for result in verdict.checks:
            said.append(result.message)
            if failure := result.failure:
                said += [in_words(failure.expected, "en"), in_words(failure.actual, "en")]
                said += [failure.traceback, failure.warning]
    return "\n".join(str(part) for part in said if part)


MARKS: dict[str, list[pytest.MarkDecorator]] = {
    "always": [],
    "in_ci": [pytest.mark.slow],
    "on_demand": [pytest.mark.on_demand],
}


def marks_of(attack: Attack) -> list[pytest.MarkDecorator]:
    return MARKS[attack.made] + ([pytest.mark.xfail(reason=attack.open)] if attack.open else [])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks_of(attack)) for name, attack in attacks().items()]
)
def test_an_attack_gains_nothing_and_harms_nobody(name):
    language.speak("en")
    attack = attacks()[name]
    came = make(name)
    said = said_of(came.graded)
    assert came.graded.status != "error", f"billed to us: {said}"
    if attack.over == "starter":
        assert came.graded.status == "fail"
        assert came.graded.score <= starters_score(attack.lesson)
    assert re.search(attack.says, said), said
    assert not re.search(attack.never_says, said), said
    assert came.seconds <= attack.longest + AT_THE_END
    assert came.memory <= MEMORY
    assert came.left == []
    if os.environ.get("ATTACKS_SCOREBOARD") == "write":
        write_row(name, came.graded)
    if not SCOREBOARD.exists():
        return  # all of them have yet to be made
    # What a report says first may differ from run to run.
    row, written = row_of(name, came.graded), rows_written()[name]
    assert without_words(row) == without_words(written)


@pytest.mark.skipif(not SCOREBOARD.exists(), reason="all of them have yet to be made")
def test_the_scoreboard_has_a_row_for_each():
    assert SCOREBOARD.read_text("utf-8") == scoreboard(rows_written())
    assert list(rows_written()) == [name for name, _attack in in_order()]


@pytest.mark.on_demand
def test_the_others_are_marked_right():
    """The reference, handed in among attacks that take what they can, has full marks each time."""
    greedy = [name for name, attack in attacks().items() if attack.item == 6][:6]
    with Workers(2, "strong") as workers:
        right = []
        for name in greedy:
            attack = attacks()[name]
            files = files_of(attack)
            workers.call(partial(handed_in, name, attack.lesson, files, attack.longest))
            reference = project("02", "reference")
            right.append(workers.call(partial(handed_in, f"beside {name}", "02", reference, 300)))
        for future in right:
            graded = future.result()
            assert graded.status == "pass", (graded.student, said_of(graded))


def in_order() -> list[tuple[str, Attack]]:
    """Return the attacks as they stand on the page."""
    return sorted(attacks().items(), key=lambda pair: (pair[1].item, pair[0]))


HEAD = """\
# What attacks on the grader have come to

Written by `tests/test_attacks.py`. Points gained are those beyond the starter's; an attack
that is laid over the reference has points to lose only.

| attack | item | tries | over | points gained | came to | the report says |
|---|---|---|---|---|---|---|
"""


def scoreboard(rows: dict[str, str]) -> str:
    """Return the page, with those of the rows that there are."""
    return HEAD + "".join(f"{rows[name]}\n" for name, _attack in in_order() if name in rows)


def rows_written() -> dict[str, str]:
    """Return the rows of the page, by attack."""
    page = SCOREBOARD.read_text("utf-8") if SCOREBOARD.exists() else ""
    lines = page.removeprefix(HEAD).splitlines()
    return {line.split(" | ", 1)[0].removeprefix("| "): line for line in lines}


def write_row(name: str, graded: Graded) -> None:
    """Write the row of an attack; others may write theirs at the same time."""
    with SCOREBOARD.open("a", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)
        rows = rows_written() | {name: row_of(name, graded)}
        SCOREBOARD.write_text(scoreboard(rows), encoding="utf-8", newline="\n")


def row_of(name: str, graded: Graded) -> str:
    """Return the row of the page that says what came of an attack."""
    attack = attacks()[name]
    gained = "—"
    if attack.over == "starter":
        gained = str(max(0, (graded.score or 0) - starters_score(attack.lesson)))
    outcome = f"{graded.status}, open: {attack.open}" if attack.open else graded.status
    over = f"{attack.lesson}, {attack.over}"
    cells = [name, str(attack.item), attack.tries, over, gained, outcome, first_words(graded)]
    return f"| {' | '.join(cells)} |"


def first_words(graded: Graded) -> str:
    """Return what a report says first, as a cell of a table."""
    lines = [str(note) for note in graded.notes]
    if graded.reason:
        lines.append(str(graded.reason))
    if (verdict := graded.verdict) and verdict.broken:
        lines.append(verdict.broken.headline)
    for result in verdict.checks if verdict else []:
        if failure := result.failure:
            lines.append(f"expected {failure.expected}, got {failure.actual}")
        elif result.message and result.status != "not_run":
            lines.append(str(result.message).strip().splitlines()[-1])
    first = one_line(next(iter(lines), "—"), 120)
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", first)


def without_words(row: str) -> str:
    """Return a row without its last column."""
    return row.rsplit(" | ", 1)[0]
