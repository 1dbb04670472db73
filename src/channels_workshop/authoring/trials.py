"""Trials of a lesson's checks: a project that is right or wrong, and what they must say of it."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..checking.running import check
from ..checking.verdict import Verdict
from ..course.lesson import Lesson, load_lesson
from ..course.mistakes import Mistake, load_mistakes
from ..course.project import files_below
from ..course.reference import lay_over, stub_texts, write_project
from ..language import _
from ..serving.backstage import Backstage

Kind = Literal["reference", "starter", "step", "mistake", "accepted"]


@dataclass(frozen=True)
class Trial:
    """One project to judge. `id` is a task for a step, else the mistake's or solution's name."""

    folder: Path
    kind: Kind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}[{self.id}]" if self.id else self.kind


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. `wrong` says, a line each, what the checks should not have said.

    `not_run` says what is missing here where the trial's one check could not be made.
    """

    trial: Trial
    status: str
    failed: list[str]
    wrong: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    not_run: str | None = None


def together(rounds: list[Outcome]) -> Outcome:
    """Return what came of all rounds of one trial: what failed in each, what was wrong in any."""
    first, *others = rounds
    if not others:
        return first
    wrong = [
        _("round {n}: {what}", n=number, what=line)
        for number, outcome in enumerate(rounds, 1)
        for line in outcome.wrong
    ]
    failed = [check for check in first.failed if all(check in each.failed for each in others)]
    worst = next((outcome for outcome in rounds if outcome.wrong), first)
    return replace(worst, failed=failed, wrong=wrong)


def trials_of(lesson: Lesson) -> list[Trial]:
    """Return all trials of a lesson, in the order in which they are told."""
    folder = lesson.folder
    accepted = sorted(path.name for path in (folder / "accepted").glob("*") if path.is_dir())
    return [
        Trial(folder, "reference"),
        Trial(folder, "starter"),
        *(Trial(folder, "step", task.id) for task in lesson.tasks[:-1]),
        *(Trial(folder, "mistake", mistake.id) for mistake in load_mistakes(lesson)),
        *(Trial(folder, "accepted", name) for name in accepted),
    ]


def quick_trials_of(lesson: Lesson) -> list[Trial]:
    """Return those that show in a short time that each check can pass and can fail.

    The reference, the starter, and for each check the first of the mistakes that it must catch.
    """
    first = {mistake.expected: mistake.id for mistake in reversed(load_mistakes(lesson))}
    return [
        trial
        for trial in trials_of(lesson)
        if trial.kind in ("reference", "starter")
        or (trial.kind == "mistake" and first[_mistake(lesson, trial.id).expected] == trial.id)
    ]


def run_trial(trial: Trial, backstage: Backstage, *, thorough: bool = True) -> Outcome:
    """Judge the trial's project and weigh the verdict.

    Not `thorough`, a mistake is judged by the one check that must catch it, and by no other.
    """
    lesson = load_lesson(trial.folder)
    weigh = {
        "reference": _must_pass,
        "accepted": _must_pass,
        "starter": _must_fail_every_task,
        "step": _must_pass_up_to,
        "mistake": _must_be_caught,
    }[trial.kind]
    only, ungraded = None, thorough and trial.kind in ("reference", "accepted")
    if trial.kind == "mistake":
        expected = lesson.check(_mistake(lesson, trial.id).expected)
        only = None if thorough else [expected.id]
        ungraded = thorough and not expected.points
    verdict = _judge(lesson, trial, backstage, only, ungraded)
    failed = [result.id for result in verdict.checks if result.status in ("fail", "error")]
    ran = [result.id for result in verdict.checks if result.status != "not_run"]
    if trial.kind == "mistake" and expected.id not in ran:
        message = next(result.message for result in verdict.checks if result.id == expected.id)
        return Outcome(trial, "not_run", failed, ran=ran, not_run=message)
    return Outcome(trial, verdict.status, failed, weigh(lesson, trial, verdict), ran)


def _judge(
    lesson: Lesson, trial: Trial, backstage: Backstage, only: list[str] | None, ungraded: bool
) -> Verdict:
    sections: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    if trial.kind == "starter":
        sections = stub_texts(lesson)
    elif trial.kind == "step":
        stubs = stub_texts(lesson)
        later = lesson.tasks[lesson.tasks.index(lesson.task(trial.id)) + 1 :]
        sections = {name: stubs[name] for task in later for name in task.sections}
    elif trial.kind == "mistake":
        mistake = _mistake(lesson, trial.id)
        sections, files = mistake.sections, mistake.files
    # Its name is the lesson's, as it is for a learner.
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        target = Path(folder) / lesson.name
        write_project(lesson, target, sections, files)
        if trial.kind == "accepted":
            overlay = lesson.folder / "accepted" / trial.id
            lay_over(overlay, target, list(files_below(overlay)))
        return check(lesson, target, backstage, only=only, ungraded=ungraded)


def _mistake(lesson: Lesson, mistake_id: str) -> Mistake:
    return next(mistake for mistake in load_mistakes(lesson) if mistake.id == mistake_id)


def _must_pass(lesson: Lesson, trial: Trial, verdict: Verdict) -> list[str]:
    if verdict.message:
        return [verdict.message]
    return [
        f"{result.id} does not pass: {result.message}"
        for result in verdict.checks
        if result.status in ("fail", "error")
    ]


def _must_fail_every_task(lesson: Lesson, trial: Trial, verdict: Verdict) -> list[str]:
    if verdict.status == "error":
        return [f"it does not boot: {verdict.message}"]
    return [
        f"the task {task.id} does not fail"
        for task in lesson.tasks
        if not any(result.status == "fail" for result in verdict.of_task(task.id))
    ]


def _must_pass_up_to(lesson: Lesson, trial: Trial, verdict: Verdict) -> list[str]:
    solved = lesson.tasks.index(lesson.task(trial.id)) + 1
    wrong = [
        f"{task.id} is solved and does not pass"
        for task in lesson.tasks[:solved]
        if not verdict.passed_task(task.id)
    ]
    wrong += [
        f"{task.id} is a stub and passes"
        for task in lesson.tasks[solved:]
        if verdict.passed_task(task.id)
    ]
    return wrong


def _must_be_caught(lesson: Lesson, trial: Trial, verdict: Verdict) -> list[str]:
    mistake = _mistake(lesson, trial.id)
    wrong = []
    expected = next(result for result in verdict.checks if result.id == mistake.expected)
    if expected.status != mistake.caught_as:
        wrong.append(f"{mistake.expected} says {expected.status}, not {mistake.caught_as}")
    if mistake.caught_as == "fail":
        wrong += [
            f"{result.id}, of another task, does not pass either: {result.message}"
            for result in verdict.checks
            if result.status in ("fail", "error")
            and result.task != expected.task
            and result.id not in mistake.also
        ]
    return wrong
