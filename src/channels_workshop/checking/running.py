"""Runs a lesson's checks on a target and returns the verdict. Prints nothing."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ..course.lesson import Lesson
from ..course.project import files_below, is_submitted
from ..language import _
from ..serving.backstage import Backstage
from ..serving.starting import FailedToStart
from ..trouble import Trouble
from .plugin import BACKSTAGE, CHECK, FAILURE
from .telling import Failure
from .verdict import Result, Verdict

#: Called with each result as it comes, and with what is told of it where it failed.
OnResult = Callable[[Result, Failure | None], None]

_INI = Path(__file__).with_name("checks.ini")


def check(
    lesson: Lesson,
    target: Path,
    backstage: Backstage,
    *,
    seed: int | None = None,
    only: list[str] | None = None,
    ungraded: bool = False,
    on_result: OnResult | None = None,
) -> Verdict:
    """Judge `target` by the checks of `lesson`; `only` names the checks to run, else all.

    Checks without points read `not_run` unless `ungraded`.

    The checks run in this process and the target in others, so the verdict lives here alone.
    """
    if not any(is_submitted(lesson, path) for path in files_below(target)):
        raise Trouble(
            _("{target} holds no file of {lesson}.", target=target, lesson=lesson.name),
            _("Those files are: {globs}.", globs=", ".join(lesson.about.submit)),
        )
    recorder = _Recorder(lesson, backstage, on_result)
    started = time.perf_counter()
    # Test modules are named by their path below the root, so two lessons' modules never meet.
    root = lesson.folder.parent
    arguments = ["-c", str(_INI), "--rootdir", str(root), "--confcutdir", str(lesson.folder)]
    arguments += ["--target", str(target)]
    if seed is not None:
        arguments += ["--seed", str(seed)]
    if ungraded:
        arguments.append("--ungraded")
    if only:
        arguments += ["-k", " or ".join(f"test_{check_id}" for check_id in only)]
    exit_code = _run_pytest([*arguments, str(lesson.folder / "tests")], recorder)
    _forget_modules(lesson.folder)
    if exit_code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    verdict = recorder.verdict(target, only)
    verdict.duration = time.perf_counter() - started
    if exit_code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise Trouble(
            _("The checks of {lesson} could not be run.", lesson=lesson.name),
            recorder.complaint or _("pytest ended with exit code {code}.", code=int(exit_code)),
        )
    return verdict


def _run_pytest(arguments: list[str], recorder: "_Recorder") -> int | pytest.ExitCode:
    # What this person's other plug-ins and options do to pytest must not reach a verdict.
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        return pytest.main(arguments, plugins=[recorder])
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _forget_modules(folder: Path) -> None:
    """Let the next run in this process read the checks anew: their author may have saved."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(folder):
            del sys.modules[name]


class _Recorder:
    """A pytest plug-in that turns reports into results."""

    def __init__(self, lesson: Lesson, backstage: Backstage, on_result: OnResult | None) -> None:
        self._lesson = lesson
        self._backstage = backstage
        self._on_result = on_result
        self._results: dict[str, Result] = {}
        self._did_not_start: FailedToStart | None = None
        self._seed = 0
        self.complaint = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[BACKSTAGE] = self._backstage
        self._seed = config.getoption("--seed") or 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.complaint = report.longreprtext

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        check = item.stash[CHECK]
        result = self._results.setdefault(
            check.id, Result(check.id, check.task, "pass", check.points)
        )
        result.duration += report.duration
        if call.excinfo is not None and result.status == "pass":
            self._not_passed(result, report, call.excinfo.value)
        if report.when == "teardown" and self._on_result:
            self._on_result(result, item.stash.get(FAILURE, None))
        return report

    def _not_passed(
        self, result: Result, report: pytest.TestReport, happened: BaseException
    ) -> None:
        if isinstance(happened, FailedToStart):
            self._did_not_start = happened
            result.status, result.message = "error", _("The project does not start.")
        elif report.skipped and report.when == "setup" and self._may_be_left_out(result):
            result.status, result.points, result.message = "not_run", 0, str(happened)
        elif report.failed and report.when == "call":
            result.status, result.message = "fail", report.longreprtext
        else:
            result.status, result.message = "error", report.longreprtext or str(happened)

    def _may_be_left_out(self, result: Result) -> bool:
        return bool(self._lesson.check(result.id).needs) or not result.points

    def verdict(self, target: Path, only: list[str] | None) -> Verdict:
        results = []
        for check in self._lesson.checks:
            if only and check.id not in only:
                continue
            missing = Result(
                check.id, check.task, "error", check.points, _("The check gave no verdict.")
            )
            results.append(self._results.get(check.id, missing))
        verdict = Verdict(self._lesson.name, str(target), results, seed=self._seed)
        if self._did_not_start:
            verdict.message = self._did_not_start.traceback
            for result in results:
                result.status = "error"
        return verdict
