"""Proves a lesson's checks: what is right passes them, and each way to be wrong is caught.

For each lesson: the reference passes; the starter boots and fails every task; with the first tasks
solved just those pass; every mistake is failed by the check that it names, and leaves the other
tasks alone; every accepted solution passes; every check is failed by some mistake; and the
project differs from the lesson before by what it declares, and by nothing else. In several rounds,
each check says the same of a project each time: no mark hangs on luck.
"""

from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from functools import partial

from ..course.delta import undeclared
from ..course.lesson import Lesson
from ..course.lessons import lesson_before
from ..judging.judge import Judge
from ..judging.workers import Workers
from .freedoms import run_together, together
from .trials import Kind, Outcome, Trial, merged, run_trial, trials_of

#: Called with each outcome as it comes.
OnOutcome = Callable[[Outcome], None]


@dataclass(frozen=True)
class Luck:
    """A check that fails a trial's project in some of `rounds` only, and passes it in `passed_in`."""

    trial: Trial
    check: str
    passed_in: list[int]
    rounds: int


@dataclass
class LessonProof:
    """All outcomes of one lesson; `is_complete` unless `verify` was ended before it was through.

    Not `is_thorough`, each mistake was judged by the one check that must catch it.
    """

    lesson: Lesson
    outcomes: list[Outcome] = field(default_factory=list)
    undeclared_changes: list[str] = field(default_factory=list)
    luck: list[Luck] = field(default_factory=list)
    is_complete: bool = False
    is_thorough: bool = True

    def of(self, kind: Kind) -> list[Outcome]:
        """Return the outcomes of one kind of trial."""
        return [outcome for outcome in self.outcomes if outcome.trial.kind == kind]

    @property
    def unkilled_checks(self) -> list[str]:
        """The checks that no mistake fails: they may be unable to fail at all."""
        # Nothing can be said of it yet, or where each mistake was judged by one check alone.
        if not (self.is_complete and self.is_thorough):
            return []
        killed = {check for outcome in self.of("mistake") for check in outcome.failed}
        ran = [check for outcome in self.of("reference")[:1] for check in outcome.ran]
        return [check for check in ran if check not in killed]

    @property
    def ok(self) -> bool:
        """Whether all of it was proved."""
        nothing_wrong = not any(outcome.wrong for outcome in self.outcomes)
        left = self.unkilled_checks or self.undeclared_changes or self.luck
        return self.is_complete and nothing_wrong and not left

    def to_json(self) -> dict[str, object]:
        """Return this lesson's part of what `verify --json` prints."""
        reference, starter = self.of("reference")[:1], self.of("starter")[:1]
        return {
            "lesson": self.lesson.name,
            "ok": self.ok,
            "complete": self.is_complete,
            "reference": reference[0].status if reference else None,
            "starter_fails_every_task": not starter[0].wrong if starter else None,
            "steps": [{"id": o.trial.id, "wrong": o.wrong} for o in self.of("step")],
            "mistakes": [
                {
                    "id": o.trial.id,
                    "caught_by": o.failed,
                    "expected": o.trial.mistake.expected,
                    "wrong": o.wrong,
                }
                for o in self.of("mistake")
            ],
            "accepted": [
                {"id": o.trial.id, "status": o.status, "wrong": o.wrong}
                for o in self.of("accepted")
            ],
            "freedoms": [
                {"id": o.trial.id, "status": o.status, "wrong": o.wrong} for o in self.of("freedom")
            ],
            "unkilled_checks": self.unkilled_checks,
            "undeclared_changes": self.undeclared_changes,
            "luck": [
                {
                    "kind": luck.trial.kind,
                    "id": luck.trial.id,
                    "check": luck.check,
                    "rounds": luck.rounds,
                    "passed_in": luck.passed_in,
                }
                for luck in self.luck
            ],
        }


@dataclass
class Proof:
    """What `verify` found, or has found so far."""

    lessons: list[LessonProof] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all of it was proved."""
        return all(lesson.ok for lesson in self.lessons)

    def to_json(self) -> dict[str, object]:
        """Return the document that `verify --json` prints."""
        lessons = [lesson.to_json() for lesson in self.lessons]
        return {"version": 1, "ok": self.ok, "lessons": lessons}


def verify(
    lessons: list[Lesson],
    on_outcome: OnOutcome = lambda outcome: None,
    times: int = 1,
    seeds: int | None = None,
    proof: Proof | None = None,
    jobs: int | None = None,
    *,
    thorough: bool = True,
) -> Proof:
    """Prove the checks of `lessons`, `jobs` at a time, so many `times`: all must hold each time.

    With `seeds`, each round replays the random part from a seed of its own, from 0 on. What is
    found is put into `proof` as it comes: a caller that ends this early has what was reached. Not
    `thorough`, each mistake is judged by the one check that must catch it, and freedoms together
    where one project can take several: others with each seed.
    """
    proof = proof or Proof()
    seeds_of_rounds: list[int | None] = list(range(seeds)) if seeds else [None] * times
    with Workers(jobs) as workers:
        rounds = len(seeds_of_rounds)
        lessons_trials = {
            lesson: _LessonTrials(LessonProof(lesson, is_thorough=thorough), rounds)
            for lesson in lessons
        }
        proof.lessons += [trials.proof for trials in lessons_trials.values()]
        begun = {
            workers.call(
                partial(_run, trials, thorough=thorough, seed=seeds_of_rounds[number])
            ): number
            for number, trials in _interleaved(lessons, seeds_of_rounds, thorough=thorough)
        }
        for future in as_completed(begun):
            for outcome in future.result():
                on_outcome(outcome)
                trial = outcome.trial
                lessons_trials[trial.lesson].take(trial, begun[future], outcome)
    return proof


def _run(trials: list[Trial], judge: Judge, *, thorough: bool, seed: int | None) -> list[Outcome]:
    """Run one trial, or freedoms together."""
    if len(trials) > 1:
        return run_together(trials, judge, seed)
    return [run_trial(trials[0], judge, thorough=thorough, seed=seed)]


class _LessonTrials:
    """The trials of one lesson, each to be made in so many rounds, and what was found so far."""

    def __init__(self, proof: LessonProof, rounds: int) -> None:
        self.proof = proof
        self._rounds = rounds
        trials = trials_of(proof.lesson)
        self._outcomes: dict[Trial, dict[int, Outcome]] = {trial: {} for trial in trials}

    def take(self, trial: Trial, number: int, outcome: Outcome) -> None:
        """Take what came of one round of a trial."""
        self._outcomes[trial][number] = outcome
        complete = [made for made in self._outcomes.values() if len(made) == self._rounds]
        self.proof.outcomes = [merged([made[n] for n in sorted(made)]) for made in complete]
        if len(self._outcomes[trial]) == self._rounds:
            self.proof.luck += luck_in(trial, self._outcomes[trial])
        if len(complete) == len(self._outcomes):
            self.proof.undeclared_changes = undeclared_changes(self.proof.lesson)
            self.proof.is_complete = True


def luck_in(trial: Trial, outcomes: dict[int, Outcome]) -> list[Luck]:
    """Return the checks of which it hangs on the round, so on its seed, whether they fail.

    `outcomes` are those of all rounds of a trial, by the round's number.
    """
    checks = {check: None for outcome in outcomes.values() for check in outcome.failed}
    found = []
    for check in checks:
        passed_in = [n for n in sorted(outcomes) if check not in outcomes[n].failed]
        if passed_in:
            found.append(Luck(trial, check, passed_in, len(outcomes)))
    return found


def _interleaved(
    lessons: list[Lesson], seeds: list[int | None], *, thorough: bool
) -> list[tuple[int, list[Trial]]]:
    """Return all trials, those of each lesson spread over the whole, with the number of their round.

    Each by itself, but for freedoms, of which several are tried together unless it is `thorough`.

    Some lessons' trials wait most of the time, others keep a core busy: together they do both.
    """
    placed = []
    for lesson in lessons:
        for number, seed in enumerate(seeds):
            groups = _in_groups(trials_of(lesson), seed, thorough=thorough)
            placed += [(n / len(groups), number, trials) for n, trials in enumerate(groups)]
    placed.sort(key=lambda each: each[0])
    return [(number, trials) for _place, number, trials in placed]


def _in_groups(trials: list[Trial], seed: int | None, *, thorough: bool) -> list[list[Trial]]:
    """Right solutions first: a slow one lasts for minutes, and all would wait for it at the end."""
    freedoms = [trial for trial in trials if trial.kind == "freedom"]
    accepted = [[trial] for trial in trials if trial.kind == "accepted"]
    others = [[trial] for trial in trials if trial.kind not in ("freedom", "accepted")]
    groups = [[trial] for trial in freedoms] if thorough else together(freedoms, seed)
    return groups + accepted + others


def undeclared_changes(lesson: Lesson) -> list[str]:
    """Return what differs from the lesson before without being declared, a line each."""
    before = lesson_before(lesson)
    if before is None:
        return []
    return [f"{change.how}: {change.path}" for change in undeclared(before, lesson)]
