"""A class on lesson 03, marked by `grade` in strong sandboxes, against a plain way to do it.

The peer starts a fresh pytest for each submission, as many at a time, and runs the lesson's own
communicator tests in process: no sandbox, no server, fewer checks. Submissions a minute, medians of
rounds in turns.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import Lesson
from channels_workshop.course.lessons import find_lesson
from channels_workshop.grading.executors import ThisMachine
from channels_workshop.grading.grading import LONGEST
from channels_workshop.grading.order import order_for
from channels_workshop.grading.submission import Submission
from channels_workshop.judging.workers import usual_number

ROUNDS = 3
#: Submissions in a round: right ones and wrong ones, as in a class.
CLASS = 16


def measure() -> dict[str, object]:
    """Return the document that `bench grade --json` prints."""
    lesson = find_lesson("03")
    at_a_time = usual_number()
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        projects = _class(lesson, Path(folder))
        ways: dict[str, Callable[[], None]] = {
            "grade": lambda: _grade(lesson, projects, at_a_time),
            "peer": lambda: _run_pytest(projects, at_a_time),
        }
        a_minute: dict[str, list[float]] = {name: [] for name in ways}
        for _round in range(ROUNDS):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                a_minute[name].append(60 * len(projects) / (time.perf_counter() - started))
    medians = {name: statistics.median(rates) for name, rates in a_minute.items()}
    return {
        "version": 1,
        "name": "grade",
        "rows": [
            {"name": f"{name}, median of {ROUNDS}", "value": round(median, 1), "unit": "a minute"}
            for name, median in medians.items()
        ],
        "ratio": round(medians["grade"] / medians["peer"], 2),
        "peer": "a fresh pytest for each, the lesson's own communicator tests, no sandbox",
        "lost": 0,
    }


def _class(lesson: Lesson, folder: Path) -> list[Path]:
    """Write the projects of a class: every other one is right."""
    mistakes = list(lesson.mistakes.values())
    projects = []
    for number in range(CLASS):
        project = folder / f"student{number:02}"
        if number % 2:
            mistake = mistakes[number * len(mistakes) // CLASS]
            write_project(lesson, project, mistake.sections, mistake.files)
        else:
            write_project(lesson, project)
        projects.append(project)
    return projects


def _grade(lesson: Lesson, projects: list[Path], at_a_time: int) -> None:
    orders = []
    for project in projects:
        files = {
            str(path): (project / path).read_bytes()
            for path in lesson.project_files
            if lesson.is_submitted(path) and (project / path).is_file()
        }
        submission = Submission(project.name, lesson.name, project.name, files)
        orders.append(order_for(submission, lesson, 1, "strong", LONGEST))
    with ThisMachine("strong", at_a_time) as machine:
        for graded in machine.mark(orders):
            if graded.verdict is None:
                raise SystemExit(f"{graded.student} came to no verdict: {graded.reason}")


def _run_pytest(projects: list[Path], at_a_time: int) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--ds=config.settings", "-o", "asyncio_mode=auto", "chat/tests.py"]

    def run(project: Path) -> None:
        subprocess.run(
            [*command, f"--rootdir={project}"], cwd=project, capture_output=True, check=False
        )
        shutil.rmtree(project / "__pycache__", ignore_errors=True)

    with ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(run, projects))
