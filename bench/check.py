"""From save to verdict on lesson 03: `check` cold and in `--watch`, against a plain pytest.

The peer runs three communicator tests in process, with pytest-django and pytest-asyncio, on the
same project. Ours starts real servers and runs all checks of the lesson. Medians, in seconds.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import Lesson
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.events import Job
from channels_workshop.judging.judge import Judge
from channels_workshop.learner.watch import changes

ROUNDS = 7
PEER = Path(__file__).with_name("peer")


def measure() -> dict[str, object]:
    """Return the document that `bench check --json` prints."""
    lesson = find_lesson("03")
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        project = Path(folder) / lesson.name
        write_project(lesson, project)
        for file in PEER.iterdir():
            if file.is_file():
                shutil.copy(file, project)
        python = sys.executable
        commands = {
            "peer": [*(python, "-m", "pytest", "-q", "-p", "no:cacheprovider"), "test_chat.py"],
            "cold": [
                *(python, "-P", "-m", "channels_workshop"),
                *("check", "03", "--json", "--target", str(project)),
            ],
        }
        seconds: dict[str, list[float]] = {name: [] for name in [*commands, "watch"]}
        # In turns, so that whatever else the machine does falls on all of them alike.
        with Judge() as judge:
            watch = _watching(lesson, project, judge)
            for _round in range(ROUNDS):
                for name, command in commands.items():
                    seconds[name].append(_run(command, project))
                seconds["watch"].append(watch())
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    rows = [
        {"name": f"{name}, median of {ROUNDS}", "value": round(median, 3), "unit": "s"}
        for name, median in medians.items()
    ]
    cold_over_peer = round(medians["cold"] / medians["peer"], 2)
    rows.append({"name": "cold over peer", "value": cold_over_peer, "unit": "×"})
    return {
        "version": 1,
        "name": "check",
        "rows": rows,
        "ratio": round(medians["watch"] / medians["peer"], 3),
        "peer": "pytest with pytest-django and pytest-asyncio, three communicator tests",
        "lost": 0,
    }


def _run(command: list[str], folder: Path) -> float:
    """Run `command` and return the seconds that it took."""
    started = time.perf_counter()
    run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    if run.returncode:
        raise SystemExit(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    return time.perf_counter() - started


def _watching(lesson: Lesson, project: Path, judge: Judge) -> Callable[[], float]:
    """Return a function that saves a file and returns the seconds until the verdict is there."""
    stop = threading.Event()
    saves = changes(lesson, project, stop)
    job = Job(str(lesson.folder), str(project), stops_early=True)
    judge.verdict(job)

    def save_and_wait() -> float:
        saved = threading.Event()
        consumers = project / "chat" / "consumers.py"
        started = 0.0

        def save() -> None:
            nonlocal started
            started = time.perf_counter()
            consumers.write_text(consumers.read_text(encoding="utf-8") + "\n", encoding="utf-8")
            saved.set()

        # Saved while the watcher already waits, as a person does it.
        threading.Timer(0.3, save).start()
        next(saves)
        verdict = judge.verdict(job)
        saved.wait()
        if verdict.status != "pass":
            raise SystemExit("the reference does not pass")
        return time.perf_counter() - started

    return save_and_wait
