"""Runs a lesson's checks with pytest in this process, and says in events what comes of them."""

import os
import shlex
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ..course.lesson import Check, Lesson, load_lesson
from ..course.project import files_below
from ..errors import WorkshopError
from ..language import Message, message, verbatim
from ..processes.supervisor import Supervisor
from .counterexample import shorten
from .events import Began, CheckBegan, CheckEnded, Ended, Event, Job, NotJudged, Printed
from .failure import DoesNotRun, Failure
from .mismatch import RanOut
from .patience import AT_FIRST, FOR_PEOPLE, begin_with
from .plugin import ASKED_FOR, CHECK, FAILURE, FIRST, LESSON, SERVERS, SUPERVISOR, TRUSTED, LeftOut
from .verdict import Result, Verdict

Emit = Callable[[Event], None]

_INI = Path(__file__).with_name("checks.ini")

#: What earlier jobs of this process asked for; see `plugin.ASKED_FOR`.
_ASKED_FOR: dict[str, list[str]] = {}

#: Seconds after which no further check is begun. A right solution is judged in a few: whatever
#: takes so long does so on purpose, or its machine is at its end.
LONGEST_RUN = 600

#: So many failures that have one cause are enough, where the job says to stop early.
_ENOUGH = 2


def run_job(
    job: Job, supervisor: Supervisor, emit: Emit, trusted: Supervisor | None = None
) -> None:
    """Judge the job's target; `emit` is called with each event as it comes.

    `trusted` serves the reference, where that is not to be beside the target.
    """
    try:
        lesson = load_lesson(Path(job.lesson))
        emit(_judge(lesson, job, supervisor, emit, trusted))
    except WorkshopError as error:
        emit(NotJudged(_as_message(error.message), _as_message(error.fix)))


def _judge(
    lesson: Lesson, job: Job, supervisor: Supervisor, emit: Emit, trusted: Supervisor | None
) -> Ended | NotJudged:
    started = time.perf_counter()
    target = Path(job.target)
    paths = [path for path in files_below(target) if lesson.is_submitted(path)]
    if not paths:
        return NotJudged(
            message("{target} holds no file of {lesson}.", target=job.target, lesson=lesson.name),
            message("Those files are: {globs}.", globs=", ".join(lesson.about.submit)),
        )
    recorder = _Recorder(lesson, job, supervisor, emit, trusted)
    begin_with(FOR_PEOPLE if job.stops_early else AT_FIRST)
    shorten(job.shortens)
    # Whatever does not compile would not start either: no need to try.
    python = [str(path) for path in paths if path.suffix == ".py"]
    if found := supervisor.first_not_python(target, python):
        verdict = recorder.verdict(DoesNotRun(found.printed, file=found.file, line=found.line))
    else:
        exit_code = _run_pytest(_arguments(lesson, job), recorder)
        verdict = recorder.verdict()
        if exit_code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            code = message("pytest ended with exit code {code}.", code=int(exit_code))
            return NotJudged(
                message("The checks of {lesson} could not be run.", lesson=lesson.name),
                verbatim(recorder.complaint) if recorder.complaint else code,
            )
    verdict.duration = time.perf_counter() - started
    verdict.stopped = supervisor.stopped
    return Ended(verdict)


def _arguments(lesson: Lesson, job: Job) -> list[str]:
    # Test modules are named by their path below the root, so two lessons' modules never meet.
    root = lesson.folder.parent
    arguments = ["-c", str(_INI), "--rootdir", str(root), "--confcutdir", str(lesson.folder)]
    # pytest takes such a list apart as a shell does: a path with a space, or a backslash, is quoted.
    tests = shlex.quote(str(lesson.folder / "tests"))
    arguments += ["-o", f"pythonpath={tests}", "--target", job.target]
    if job.seed is not None:
        arguments += ["--seed", str(job.seed)]
    if job.ungraded:
        arguments.append("--ungraded")
    if job.only:
        arguments += ["-k", " or ".join(f"test_{check_id}" for check_id in job.only)]
    return [*arguments, str(lesson.folder / "tests")]


def _run_pytest(arguments: list[str], recorder: "_Recorder") -> int | pytest.ExitCode:
    # What this person's other plug-ins and options do to pytest must not reach a verdict.
    os.environ |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "PYTEST_PLUGINS": "",
    }
    return pytest.main(arguments, plugins=[recorder])


def _as_message(text: Message | str) -> Message:
    return text if isinstance(text, Message) else verbatim(text)


class _Recorder:
    """A pytest plug-in that turns reports into results."""

    def __init__(
        self,
        lesson: Lesson,
        job: Job,
        supervisor: Supervisor,
        emit: Emit,
        trusted: Supervisor | None,
    ) -> None:
        self._lesson = lesson
        self._job = job
        self._supervisor = supervisor
        self._trusted = trusted
        self._emit = emit
        self._results: dict[str, Result] = {}
        self._causes: list[tuple[str, ...]] = []
        self._broken: DoesNotRun | None = None
        self._seed = job.seed or 0
        self._ends_at = time.monotonic() + LONGEST_RUN
        self.complaint = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[SUPERVISOR] = self._supervisor
        if self._trusted:
            config.stash[TRUSTED] = self._trusted
        config.stash[LESSON] = self._lesson
        if not self._job.only:
            config.stash[ASKED_FOR] = _ASKED_FOR
        if self._job.first:
            config.stash[FIRST] = self._job.first
        self._seed = config.getoption("--seed") or 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.complaint = report.longreprtext

    def pytest_internalerror(self, excrepr: object) -> bool:
        self.complaint = str(excrepr)
        return True  # else pytest prints it too

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._emit(Began([item.stash[CHECK].id for item in session.items], self._seed))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._emit(CheckBegan(nodeid.rpartition("::test_")[2]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._broken:
            raise LeftOut(message("The project does not start."))
        if self._job.stops_early and (cause := self._common_cause(item.stash[CHECK])):
            raise LeftOut(cause)
        if self._job.ends_at_failure and (cause := self._failure()):
            raise LeftOut(cause)
        if time.monotonic() > self._ends_at:
            raise LeftOut(message("Left out: the checks before took {n} s.", n=LONGEST_RUN))

    def _failure(self) -> Message | None:
        """Return that a check with points has failed, None if none has."""
        for result in self._results.values():
            if result.points and result.status in ("fail", "error"):
                return message("Left out: “{check}” has failed.", check=self._title(result))
        return None

    def _common_cause(self, check: Check) -> Message | None:
        """Return why `check` need not be run: others have failed for one cause, None if not."""
        failed = [r for r in self._results.values() if r.status == "fail" and r.failure]
        silent = [r for r in failed if r.message == _SILENT]
        for result in silent:
            # Each silence takes as long as patience lasts; two tasks that are silent are enough.
            if result.task == check.task or result.task != silent[0].task:
                return message("Left out: “{check}” got no answer.", check=self._title(result))
        for result in failed:
            assert result.failure
            cause = result.failure.cause
            if result.task == check.task and cause and self._causes.count(cause) >= _ENOUGH:
                return message("Left out: same cause as “{check}”.", check=self._title(result))
        return None

    def _title(self, result: Result) -> Message:
        title = self._lesson.check(result.id).title
        return Message(title.en, russian=title.ru)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        check = item.stash[CHECK]
        result = self._results.setdefault(
            check.id, Result(check.id, check.task, "pass", check.points)
        )
        result.duration += report.duration
        if call.excinfo is not None and result.status == "pass":
            self._not_passed(result, report, call.excinfo.value, item.stash.get(FAILURE, None))
        if report.when == "teardown" and not self._broken:
            self._emit(CheckEnded(result))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        servers = item.config.stash.get(SERVERS, None)  # the last teardown ends them
        if lines := servers.printed() if servers else []:
            self._emit(Printed(lines))

    def _not_passed(
        self,
        result: Result,
        report: pytest.TestReport,
        error: BaseException,
        failure: Failure | DoesNotRun | None,
    ) -> None:
        if isinstance(failure, DoesNotRun):
            self._broken = failure
        elif isinstance(error, LeftOut):
            self._leave_out(result, error)
        elif isinstance(failure, Failure) and report.when == "call":
            result.status, result.failure = "fail", failure
            result.message = _SILENT if isinstance(error, RanOut) else None
            self._causes.append(failure.cause)
        elif report.failed and report.when == "call":
            result.status, result.message = "fail", verbatim(report.longreprtext)
        else:
            result.status = "error"
            result.message = verbatim(report.longreprtext or str(error))

    def _leave_out(self, result: Result, error: LeftOut) -> None:
        result.status, result.message = "not_run", error.reason
        check = self._lesson.check(result.id)
        result.is_left_out = bool(result.points) and not any(map(_is_missing, check.needs))
        if not result.is_left_out:
            result.points = 0

    def verdict(self, broken: DoesNotRun | None = None) -> Verdict:
        broken = broken or self._broken
        results = []
        for check in self._lesson.checks:
            if self._job.only and check.id not in self._job.only:
                continue
            result = self._results.get(check.id) or _no_verdict(check)
            if broken:
                result.status, result.failure = "error", None
                result.message = message("The project does not start.")
            results.append(result)
        lesson, target = self._lesson.name, self._job.target
        return Verdict(lesson, target, results, broken, seed=self._seed)


#: Marks a failure by silence: waiting for the next one would take as long again.
_SILENT = message("no answer")


def _is_missing(need) -> bool:
    from .needs import why_missing

    return why_missing(need) is not None


def _no_verdict(check: Check) -> Result:
    text = message("The check gave no verdict.")
    return Result(check.id, check.task, "error", check.points, message=text)
