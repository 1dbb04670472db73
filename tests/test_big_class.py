"""Two hundred submissions, of every kind, come to the same marks however they are graded.

Right, partial, wrong and hostile ones of the two lessons that are judged in the shortest time. They are
graded alone, on a machine that is busy, by a grader that is killed half-way and called again, and on a
cluster of which a worker is killed. `pytest --on-demand tests/test_big_class.py` takes an hour.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from channels_workshop import REPOSITORY
from channels_workshop.authoring.trials import Trial, trials_of, write_trial
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.descendants import descendants
from channels_workshop.processes.sandbox import why_not_strong

pytestmark = [
    pytest.mark.on_demand,
    pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed"),
]

SIZE = int(os.environ.get("BIG_CLASS", "200"))
#: A hostile one among so many.
HOSTILE = 10
LESSONS = [find_lesson("02"), find_lesson("03")]
ATTACKS = Path(__file__).with_name("attacks")
SEED = "7"


def trials() -> Iterator[Trial]:
    """Yield trials of the lessons in turn: for each wrong one a right or a partial one."""
    wrong = [[t for t in trials_of(lesson) if t.kind == "mistake"] for lesson in LESSONS]
    others = [
        [t for t in trials_of(lesson) if t.kind not in ("mistake", "freedom")] for lesson in LESSONS
    ]
    turns = [itertools.cycle(each) for each in (*wrong, *others)]
    while True:
        yield from (next(turn) for turn in turns)


def hostile() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield lessons and files of submissions that do harm, over and over."""
    found = []
    for path in sorted(ATTACKS.glob("*.toml")):
        attack = msgspec.toml.decode(path.read_bytes())
        if attack["lesson"] in ("02", "03") and attack.get("files") and "shared" not in attack:
            found.append((find_lesson(attack["lesson"]).name, attack["files"]))
    assert found
    return itertools.cycle(found)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "handed in"
    of_the_course, harmful = trials(), hostile()
    for number in range(SIZE):
        student = folder / f"student {number:03}"
        if number % HOSTILE == HOSTILE - 1:
            lesson, files = next(harmful)
            write_trial(Trial(find_lesson(lesson), "starter"), student / lesson)
            for path, text in files.items():
                (student / lesson / path).parent.mkdir(parents=True, exist_ok=True)
                (student / lesson / path).write_text(text, encoding="utf-8")
        else:
            trial = next(of_the_course)
            write_trial(trial, student / trial.lesson.name)
    return folder


def grade(handed_in: Path, out: Path, *options: str) -> subprocess.Popen:
    call = [sys.executable, REPOSITORY / "workshop.py", "grade", handed_in, "--out", out]
    with (out.parent / "progress").open("w") as progress:
        return subprocess.Popen(
            [*call, "--seed", SEED, "--json", *options],
            stdout=subprocess.PIPE,
            stderr=progress,
            encoding="utf-8",
            env={**os.environ, "WORKSHOP_LANG": "en"},
        )


def marks_of(grading: subprocess.Popen) -> dict[str, object]:
    """Return what came of each student: status, score, and the status of each check."""
    printed, _errors = grading.communicate()
    assert grading.returncode == 0, "all must have been graded"
    return {
        one["student"]: (
            one["status"],
            one["score"],
            {check["id"]: check["status"] for check in one["verdict"]["checks"]},
        )
        for one in json.loads(printed)["submissions"]
    }


def differences(ones: dict[str, object], others: dict[str, object]) -> dict[str, object]:
    assert ones.keys() == others.keys()
    return {name: (ones[name], others[name]) for name in ones if ones[name] != others[name]}


@pytest.fixture(scope="module")
def alone(handed_in, tmp_path_factory):
    marks = marks_of(grade(handed_in, tmp_path_factory.mktemp("alone") / "grades"))
    assert len(marks) == SIZE
    assert {status for status, _score, _checks in marks.values()} == {"pass", "fail"}
    return marks


@contextmanager
def a_busy_machine():
    """Keep each core busy with something else meanwhile."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _core in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def test_on_a_busy_machine(handed_in, alone, tmp_path):
    with a_busy_machine():
        assert differences(alone, marks_of(grade(handed_in, tmp_path / "grades"))) == {}


def test_killed_half_way_and_called_again(handed_in, alone, tmp_path):
    out = tmp_path / "grades"
    grading = grade(handed_in, out)
    _wait_for_records(out, SIZE // 2)
    grading.send_signal(signal.SIGKILL)
    grading.communicate()
    assert differences(alone, marks_of(grade(handed_in, out, "--resume"))) == {}


def test_on_a_cluster_of_which_a_worker_is_killed(handed_in, alone, tmp_path):
    out = tmp_path / "grades"
    grading = grade(handed_in, out, "--cluster", "local")
    _wait_for_records(out, SIZE // 4)
    workers = [pid for pid in descendants(grading.pid) if "spawn_main" in _called(pid)]
    os.kill(workers[0], signal.SIGKILL)
    assert differences(alone, marks_of(grading)) == {}


def _wait_for_records(out: Path, number: int) -> None:
    for line in _follow(out.parent / "progress"):
        if line.startswith(f"{number}/"):
            return


def _follow(path: Path) -> Iterator[str]:
    with subprocess.Popen(
        ["tail", "-n", "+1", "-f", path], stdout=subprocess.PIPE, encoding="utf-8"
    ) as tail:
        assert tail.stdout
        try:
            yield from tail.stdout
        finally:
            tail.kill()


def _called(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:  # it has ended
        return ""
