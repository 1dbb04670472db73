"""Each lesson is judged in processes of its own; here its trials become items of this run.

`pytest lessons/03_chat_consumer` is another matter: that judges the one lesson in full detail.
"""

import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from channels_workshop.authoring.trials import Trial, quick_trials_of, trials_of
from channels_workshop.authoring.verify import undeclared_changes
from channels_workshop.authoring.workers import Workers
from channels_workshop.course.lesson import load_lesson

#: A lesson that a test adds to a copy of the course: no part of this one.
collect_ignore = ["tests/lesson_07"]

WORKERS = pytest.StashKey[Workers]()
OUTCOMES = pytest.StashKey[dict]()


def pytest_addoption(parser):
    parser.addoption(
        "--thorough",
        action="store_true",
        help="judge each mistake by all checks, not just by the one that must catch it",
    )
    parser.addoption(
        "--on-demand", action="store_true", help="make those that take minutes, and the slow ones"
    )
    parser.addoption(
        "--slow", action="store_true", help="make the proofs that are marked slow, too"
    )


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked slow or on_demand, unless it is asked for."""
    wanted = {"slow"} if config.getoption("--slow") else set()
    wanted |= {"slow", "on_demand"} if config.getoption("--on-demand") else set()
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(mark) for mark in {"slow", "on_demand"} - wanted)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collect_directory(path, parent):
    if (path / "lesson.toml").is_file():
        return LessonFolder.from_parent(parent, path=path)
    return None


def pytest_collection_finish(session):
    """Begin all chosen trials at once: they run beside this process's own tests."""
    trials = [item.trial for item in session.items if isinstance(item, TrialItem)]
    if not trials or session.config.option.collectonly:
        return
    # Not more than there are cores: this process's own tests want their share.
    workers = session.config.stash[WORKERS] = Workers(os.cpu_count())
    thorough = session.config.getoption("--thorough")
    session.config.stash[OUTCOMES] = {
        trial: workers.run(trial, thorough=thorough) for trial in trials
    }


def pytest_unconfigure(config):
    if WORKERS in config.stash:
        config.stash[WORKERS].close()


class LessonFolder(pytest.Directory):
    """A lesson: its trials, its own tests, its delta."""

    def collect(self) -> Iterable[pytest.Item]:
        lesson = load_lesson(self.path)
        quick = quick_trials_of(lesson)
        for trial in trials_of(lesson):
            item = TrialItem.from_parent(self, name=str(trial), trial=trial)
            if trial not in quick:
                item.add_marker("slow")
            yield item
        for tests in self.path.glob("*/tests.py"):
            yield OwnTestsItem.from_parent(self, name=f"{tests.parent.name}/tests.py")
        yield DeltaItem.from_parent(self, name="delta")


class TrialItem(pytest.Item):
    """One project, right or wrong, and whether the checks say so."""

    def __init__(self, *, trial: Trial, **kwargs):
        super().__init__(**kwargs)
        self.trial = trial

    def runtest(self):
        outcome = self.config.stash[OUTCOMES][self.trial].result()
        if outcome.not_run:
            pytest.skip(outcome.not_run)
        if outcome.wrong:
            raise Misjudged("\n".join(outcome.wrong))

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Misjudged):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


class OwnTestsItem(pytest.Item):
    """The tests that a Django developer would write for the project, run as they would."""

    def runtest(self):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["--ds=config.settings", self.name]
        run = subprocess.run(
            command, cwd=self.path, capture_output=True, encoding="utf-8", errors="replace"
        )
        if run.returncode:
            raise Misjudged(run.stdout + run.stderr)

    repr_failure = TrialItem.repr_failure
    reportinfo = TrialItem.reportinfo


class DeltaItem(pytest.Item):
    """What differs from the lesson before is what `lesson.toml` declares."""

    def runtest(self):
        if undeclared := undeclared_changes(load_lesson(self.path)):
            raise Misjudged("not declared in [delta]:\n" + "\n".join(undeclared))

    repr_failure = TrialItem.repr_failure
    reportinfo = TrialItem.reportinfo


class Misjudged(Exception):
    """A trial's verdict is not what it must be."""
