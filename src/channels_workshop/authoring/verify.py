"""Proves a lesson's checks: what is right passes them, and each way to be wrong is caught.

For each lesson: the reference passes; the starter boots and fails every task; with the first tasks
solved just those pass; every mistake is failed by the check that it names, and leaves the other
tasks alone; every accepted solution passes; every check is failed by some mistake; and the
project differs from the lesson before by what it declares, and by nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..course.catalogue import lesson_before
from ..course.delta import undeclared
from ..course.lesson import Lesson
from ..course.mistakes import load_mistakes
from .trials import Kind, Outcome, together, trials_of
from .workers import Workers

#: Told of each outcome as it comes.
OnOutcome = Callable[[Outcome], None]


@dataclass
class LessonProof:
    """All outcomes of one lesson."""

    lesson: Lesson
    outcomes: list[Outcome]
    undeclared_changes: list[str] = field(default_factory=list)

    def of(self, kind: Kind) -> list[Outcome]:
        """Return the outcomes of one kind of trial."""
        return [outcome for outcome in self.outcomes if outcome.trial.kind == kind]

    @property
    def unkilled_checks(self) -> list[str]:
        """The checks that no mistake fails: they may be unable to fail at all."""
        killed = {check for outcome in self.of("mistake") for check in outcome.failed}
        return [check for check in self.of("reference")[0].ran if check not in killed]

    @property
    def ok(self) -> bool:
        nothing_wrong = not any(outcome.wrong for outcome in self.outcomes)
        return nothing_wrong and not self.unkilled_checks and not self.undeclared_changes

    def to_json(self) -> dict[str, object]:
        """Return this lesson's part of what `verify --json` prints."""
        expected = {mistake.id: mistake.expected for mistake in load_mistakes(self.lesson)}
        return {
            "lesson": self.lesson.name,
            "ok": self.ok,
            "reference": self.of("reference")[0].status,
            "starter_fails_every_task": not self.of("starter")[0].wrong,
            "steps": [{"id": o.trial.id, "wrong": o.wrong} for o in self.of("step")],
            "mistakes": [
                {
                    "id": o.trial.id,
                    "caught_by": o.failed,
                    "expected": expected[o.trial.id],
                    "wrong": o.wrong,
                }
                for o in self.of("mistake")
            ],
            "accepted": [
                {"id": o.trial.id, "status": o.status, "wrong": o.wrong}
                for o in self.of("accepted")
            ],
            "unkilled_checks": self.unkilled_checks,
            "undeclared_changes": self.undeclared_changes,
        }


@dataclass
class Proof:
    """What `verify` found."""

    lessons: list[LessonProof] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(lesson.ok for lesson in self.lessons)

    def to_json(self) -> dict[str, object]:
        """Return the document that `verify --json` prints."""
        lessons = [lesson.to_json() for lesson in self.lessons]
        return {"version": 1, "ok": self.ok, "lessons": lessons}


def verify(
    lessons: list[Lesson], on_outcome: OnOutcome = lambda outcome: None, times: int = 1
) -> Proof:
    """Prove the checks of `lessons`, on all cores, so many times: all must hold each time."""
    with Workers() as workers:
        begun = [
            (lesson, [workers.run(trials_of(lesson), thorough=True) for _round in range(times)])
            for lesson in lessons
        ]
        proof = Proof()
        for lesson, rounds in begun:
            outcomes: list[list[Outcome]] = []
            for futures in rounds:
                outcomes.append([])
                for future in futures:
                    outcomes[-1].append(future.result())
                    on_outcome(outcomes[-1][-1])
            merged = [together([*each]) for each in zip(*outcomes, strict=True)]
            proof.lessons.append(LessonProof(lesson, merged, undeclared_changes(lesson)))
    return proof


def undeclared_changes(lesson: Lesson) -> list[str]:
    """Return what differs from the lesson before without being declared, a line each."""
    before = lesson_before(lesson)
    if before is None:
        return []
    return [f"{change.how}: {change.path}" for change in undeclared(before, lesson)]
