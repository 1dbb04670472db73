"""Trials of a lesson's checks: a project that is right or wrong, and what they must say of it."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..course.copies import lay_over, write_project
from ..course.lesson import Lesson
from ..course.mistakes import Freedom, Mistake
from ..course.project import files_below
from ..judging.events import Job
from ..judging.judge import Judge
from ..judging.reports import as_text
from ..judging.verdict import Result, Verdict
from ..language import current

Kind = Literal["reference", "starter", "step", "mistake", "accepted", "freedom"]


@dataclass(frozen=True)
class Trial:
    """One project to judge. `id` is a task for a step, else the mistake's or solution's name."""

    lesson: Lesson
    kind: Kind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}[{self.id}]" if self.id else self.kind

    @property
    def mistake(self) -> Mistake:
        """The mistake that this is a trial of."""
        return self.lesson.mistakes[self.id]

    @property
    def freedom(self) -> Freedom:
        """The freedom that this is a trial of."""
        return self.lesson.freedoms[self.id]


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. `wrong` says, a line each, what the checks should not have said.

    `not_run` says what is missing here where the trial's one check could not be run.
    """

    trial: Trial
    status: str
    failed: list[str]
    wrong: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    not_run: str | None = None


def merged(rounds: list[Outcome]) -> Outcome:
    """Return what came of all rounds of one trial: what failed in each, what was wrong in any."""
    first, *others = rounds
    if not others:
        return first
    wrong = [
        f"round {number}: {line}"
        for number, outcome in enumerate(rounds, 1)
        for line in outcome.wrong
    ]
    failed = [check for check in first.failed if all(check in each.failed for each in others)]
    worst = next((outcome for outcome in rounds if outcome.wrong), first)
    return replace(worst, failed=failed, wrong=wrong)


def trials_of(lesson: Lesson) -> list[Trial]:
    """Return all trials of a lesson, in the order in which they are reported."""
    return [
        Trial(lesson, "reference"),
        Trial(lesson, "starter"),
        *(Trial(lesson, "step", task.id) for task in lesson.tasks[:-1]),
        *(Trial(lesson, "mistake", name) for name in lesson.mistakes),
        *(Trial(lesson, "accepted", name) for name in lesson.accepted),
        *(Trial(lesson, "freedom", name) for name in lesson.freedoms),
    ]


def quick_trials_of(lesson: Lesson) -> list[Trial]:
    """Return those that show in a short time that each task can pass and can fail.

    The reference, and of each task the first of its mistakes; `verify --quick` makes them all.
    """
    first: dict[str, str] = {}
    for mistake in lesson.mistakes.values():
        first.setdefault(lesson.check(mistake.expected).task, mistake.id)
    return [
        trial
        for trial in trials_of(lesson)
        if trial.kind == "reference" or (trial.kind == "mistake" and trial.id in first.values())
    ]


def run_trial(
    trial: Trial,
    judge: Judge,
    *,
    thorough: bool = True,
    seed: int | None = None,
    beside: Sequence[Trial] = (),
) -> Outcome:
    """Judge the trial's project and weigh the verdict.

    Not `thorough`, a mistake is judged by the one check that must catch it, and by no other. The
    freedoms `beside` that of the trial are taken in the same project.
    """
    lesson = trial.lesson
    only: list[str] = []
    ungraded = thorough and trial.kind in ("reference", "accepted", "freedom")
    if trial.kind == "mistake":
        expected = lesson.check(trial.mistake.expected)
        only = [] if thorough else [expected.id]
        ungraded = not expected.points
    # Its name is the lesson's, as it is for a learner.
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        target = Path(folder) / lesson.name
        write_trial(trial, target, beside)
        job = Job(
            lesson=str(lesson.folder),
            target=str(target),
            only=only,
            ungraded=ungraded,
            shortens=False,
            seed=seed,
        )
        verdict = judge.verdict(job)
    failed = [result.id for result in verdict.checks if result.status in ("fail", "error")]
    ran = [result.id for result in verdict.checks if result.status != "not_run"]
    if trial.kind == "mistake" and expected.id not in ran:
        reason = next(result.message for result in verdict.checks if result.id == expected.id)
        return Outcome(trial, "not_run", failed, ran=ran, not_run=str(reason))
    return Outcome(trial, verdict.status, failed, _WEIGH[trial.kind](trial, verdict), ran)


def write_trial(trial: Trial, target: Path, beside: Sequence[Trial] = ()) -> None:
    """Write the trial's project, with the freedoms `beside` its own, to a new folder."""
    lesson = trial.lesson
    sections: dict[str, str] = {}
    files: dict[str, str] = {}
    freedoms: list[Freedom] = []
    if trial.kind == "starter":
        sections = lesson.stubs
    elif trial.kind == "step":
        later = lesson.tasks[lesson.tasks.index(lesson.task(trial.id)) + 1 :]
        sections = {name: lesson.stubs[name] for task in later for name in task.sections}
    elif trial.kind == "mistake":
        sections, files = trial.mistake.sections, trial.mistake.files
    elif trial.kind == "freedom":
        freedoms = [taken.freedom for taken in (trial, *beside)]
        for freedom in freedoms:
            sections, files = sections | freedom.sections, files | freedom.files
    write_project(lesson, target, sections, files)
    for freedom in freedoms:
        for name, text in freedom.added.items():
            with (target / name).open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"\n\n{text}")
    if trial.kind == "accepted":
        overlay = lesson.folder / "accepted" / trial.id
        lay_over(overlay, target, list(files_below(overlay)))


# ---- What the verdict on each kind must be: what it should not have said, a line each.


def _must_pass(trial: Trial, verdict: Verdict) -> list[str]:
    if verdict.broken:
        return [verdict.broken.traceback]
    return _that_fail(trial.lesson, verdict.checks)


def _that_fail(lesson: Lesson, results: Iterable[Result]) -> list[str]:
    return [
        f"{result.id} does not pass: {_reason(lesson, result)}"
        for result in results
        if result.status in ("fail", "error")
    ]


def _must_fail_every_task(trial: Trial, verdict: Verdict) -> list[str]:
    if verdict.broken:
        return [f"it does not boot: {verdict.broken.traceback}"]
    return [
        f"the task {task.id} does not fail"
        for task in trial.lesson.tasks
        if not any(result.status == "fail" for result in verdict.of_task(task.id))
    ]


def _must_pass_up_to(trial: Trial, verdict: Verdict) -> list[str]:
    tasks = trial.lesson.tasks
    solved = tasks.index(trial.lesson.task(trial.id)) + 1

    wrong = []
    for task in tasks[:solved]:
        if not verdict.passed_task(task.id):
            wrong.append(f"the task {task.id} is solved and does not pass")
            wrong += _that_fail(trial.lesson, verdict.of_task(task.id))
    ahead = [task for task in tasks[solved:] if verdict.passed_task(task.id)]
    return wrong + [f"the task {task.id} is a stub and passes" for task in ahead]


def _must_be_caught(trial: Trial, verdict: Verdict) -> list[str]:
    mistake = trial.mistake
    wrong = []
    expected = next(result for result in verdict.checks if result.id == mistake.expected)
    if expected.status != mistake.caught_as:
        wrong.append(f"{mistake.expected} says {expected.status}, not {mistake.caught_as}")
    elif expected.status == "fail" and expected.failure is None:
        wrong.append(f"{mistake.expected} itself is broken: {expected.message}")
    if mistake.caught_as == "fail":
        wrong += [
            f"{result.id}, of another task, does not pass either: {_reason(trial.lesson, result)}"
            for result in verdict.checks
            if result.status in ("fail", "error")
            and result.task != expected.task
            and result.id not in mistake.also
        ]
    return wrong


def _reason(lesson: Lesson, result: Result) -> str:
    if result.failure is None:
        return str(result.message or "")
    return as_text(lesson, lesson.check(result.id), result.failure, current())


_WEIGH = {
    "reference": _must_pass,
    "accepted": _must_pass,
    "freedom": _must_pass,
    "starter": _must_fail_every_task,
    "step": _must_pass_up_to,
    "mistake": _must_be_caught,
}
