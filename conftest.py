"""Each lesson is judged in processes of its own; here its trials become items of this run.

`pytest lessons/03_chat_consumer` is another matter: that judges the one lesson in full detail.
"""

import gc
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels_workshop.authoring.trials import Trial, quick_trials_of, run_trial, trials_of
from channels_workshop.authoring.verify import undeclared_changes
from channels_workshop.course.extension import extended, extensions
from channels_workshop.course.lesson import Lesson, load_lesson
from channels_workshop.judging.judge import Judge

#: A lesson that a test adds to a copy of the course: no part of this one.
collect_ignore = ["tests/lesson_07"]

JUDGE = pytest.StashKey[Judge]()
#: Keeps the extensions of lessons assembled while their trials are run.
EXTENSIONS = pytest.StashKey[ExitStack]()


#: A module whose tests share what takes as long as anything.
_LASTS = {"test_site"}
#: Long modules whose tests share nothing with each other.
_SHARING_NOTHING = {"tests/test_errors.py", "tests/test_mutants.py", "tests/test_statements.py"}


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


def pytest_configure(config):
    # What a shell starts in the background has SIGINT ignored, and so would all that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[JUDGE] = Judge()
    config.stash[EXTENSIONS] = ExitStack()


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked slow or on_demand, unless it is asked for; begin with what lasts."""
    items.sort(key=lambda item: isinstance(item, pytest.Function) and item.path.stem not in _LASTS)
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out to several processes: a module's tests go to one, and share what they have started.

    A lesson's trials share nothing. Not by marks: pytest-xdist 3.8 does not see them with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByModule(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            module = nodeid.partition("::")[0]
            return nodeid if module in _SHARING_NOTHING or module.startswith("lessons/") else module

    return ByModule(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collect_directory(path, parent):
    if (path / "lesson.toml").is_file():
        return LessonFolder.from_parent(parent, path=path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item, nextitem):
    """Have what a module's tests left open be found here, not in the tests of another module."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()


def pytest_unconfigure(config):
    config.stash[JUDGE].close()
    config.stash[EXTENSIONS].close()


class LessonFolder(pytest.Directory):
    """A lesson: its trials, its own tests, its delta."""

    def collect(self) -> Iterable[pytest.Item]:
        lesson = load_lesson(self.path)
        yield from self._proofs(lesson)
        extended_lessons = self.config.stash[EXTENSIONS]
        for name in extensions(lesson):
            extension = extended_lessons.enter_context(extended(lesson, name))
            yield from self._proofs(extension, f"further/{name}: ")

    def _proofs(self, lesson: Lesson, of: str = "") -> Iterable[pytest.Item]:
        quick = quick_trials_of(lesson)
        for trial in trials_of(lesson):
            item = TrialItem.from_parent(self, name=f"{of}{trial}", trial=trial)
            if trial not in quick:
                item.add_marker("slow")
            yield item
        for tests in lesson.folder.glob("*/tests.py"):
            name = f"{of}{tests.parent.name}/tests.py"
            yield OwnTestsItem.from_parent(self, name=name, tests=tests)
        yield DeltaItem.from_parent(self, name=f"{of}delta", lesson=lesson)


class TrialItem(pytest.Item):
    """One project, right or wrong, and whether the checks say so."""

    def __init__(self, *, trial: Trial, **kwargs):
        super().__init__(**kwargs)
        self.trial = trial

    def runtest(self):
        thorough = self.config.getoption("--thorough")
        outcome = run_trial(self.trial, self.config.stash[JUDGE], thorough=thorough)
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

    def __init__(self, *, tests: Path, **kwargs):
        super().__init__(**kwargs)
        self.tests = tests

    def runtest(self):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        app, name = self.tests.parts[-2:]
        run = subprocess.run(
            [*command, "--ds=config.settings", f"{app}/{name}"],
            cwd=self.tests.parents[1],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        if run.returncode:
            raise Misjudged(run.stdout + run.stderr)

    repr_failure = TrialItem.repr_failure
    reportinfo = TrialItem.reportinfo


class DeltaItem(pytest.Item):
    """What differs from the lesson before is what `lesson.toml` declares."""

    def __init__(self, *, lesson: Lesson, **kwargs):
        super().__init__(**kwargs)
        self.lesson = lesson

    def runtest(self):
        if undeclared := undeclared_changes(self.lesson):
            raise Misjudged("not declared in [delta]:\n" + "\n".join(undeclared))

    repr_failure = TrialItem.repr_failure
    reportinfo = TrialItem.reportinfo


class Misjudged(Exception):
    """A trial's verdict is not what it must be."""
