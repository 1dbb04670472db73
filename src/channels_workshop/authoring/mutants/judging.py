"""Has mutants judged by the checks: which are caught, and which survive."""

import random
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ...course.copies import write_project
from ...course.lesson import Lesson
from ...errors import WorkshopError
from ...judging.events import Job
from ...judging.judge import Judge
from ...judging.workers import Workers
from .equivalents import Equivalent, read_equivalents
from .making import Mutant, mutants_of

#: The part of the mutants, those that keep the agreement aside, that the checks have to catch.
ENOUGH = 0.97

#: Stands for the check that caught a mutant where its project does not even start.
DOES_NOT_START = "does not start"


@dataclass(frozen=True)
class Judged:
    """A mutant of `lesson`, judged once from `seed`; `caught_by` is a check's id, None if by none."""

    lesson: Lesson
    mutant: Mutant
    seed: int
    caught_by: str | None


@dataclass
class MutantsOfLesson:
    """The mutants of a lesson that are to be judged, from each of `seeds`, and what came of it."""

    lesson: Lesson
    mutants: list[Mutant]
    equivalents: list[Equivalent]
    seeds: list[int]
    _caught: dict[Mutant, dict[int, str | None]] = field(default_factory=dict)

    def take(self, judged: Judged) -> None:
        """Take what came of a mutant."""
        self._caught.setdefault(judged.mutant, {})[judged.seed] = judged.caught_by

    @property
    def made(self) -> list[Mutant]:
        """Those that were judged from every seed so far."""
        done = len(self.seeds)
        return [mutant for mutant in self.mutants if len(self._caught.get(mutant, {})) == done]

    @property
    def killed(self) -> list[Mutant]:
        """Those that were caught from every seed."""
        return [mutant for mutant in self.made if all(self._caught[mutant].values())]

    @property
    def equivalent(self) -> list[Mutant]:
        """Those that are declared to keep the agreement, and were never caught."""
        return [mutant for mutant in self._never_caught() if self._is_declared(mutant)]

    @property
    def survived(self) -> list[Mutant]:
        """Those that were not caught though they are not declared, or that were caught by luck."""
        unlucky = {mutant for mutant, _seeds in self.caught_by_luck}
        never = [mutant for mutant in self._never_caught() if not self._is_declared(mutant)]
        return [mutant for mutant in self.made if mutant in unlucky or mutant in never]

    @property
    def caught_by_luck(self) -> list[tuple[Mutant, list[int]]]:
        """Those that were caught from some seeds only, with the seeds that let them pass."""
        found = []
        for mutant in self.made:
            missed = [seed for seed, check in self._caught[mutant].items() if check is None]
            if 0 < len(missed) < len(self.seeds):
                found.append((mutant, sorted(missed)))
        return found

    @property
    def wrongly_declared(self) -> list[tuple[Mutant, str]]:
        """Those that are named as equivalent and were caught all the same, by which check."""
        return [
            (mutant, caught)
            for mutant in self.made
            for caught in [next(filter(None, self._caught[mutant].values()), None)]
            if caught and any(entry.names(mutant) for entry in self.equivalents)
        ]

    @property
    def score(self) -> float:
        """The part that was killed of those that do not keep the agreement; 1 if there are none."""
        counted = len(self.made) - len(self.equivalent)
        return len(self.killed) / counted if counted else 1.0

    @property
    def is_complete(self) -> bool:
        """Whether all were judged."""
        return len(self.made) == len(self.mutants)

    @property
    def ok(self) -> bool:
        """Whether all were judged and enough of them killed, and what is declared is true."""
        return self.is_complete and self.score >= ENOUGH and not self.wrongly_declared

    def _never_caught(self) -> list[Mutant]:
        return [mutant for mutant in self.made if not any(self._caught[mutant].values())]

    def _is_declared(self, mutant: Mutant) -> bool:
        return any(entry.covers(mutant) for entry in self.equivalents)

    def to_json(self) -> dict[str, object]:
        """Return this lesson's part of what `verify --mutants --json` prints."""
        return {
            "lesson": self.lesson.name,
            "ok": self.ok,
            "complete": self.is_complete,
            "made": len(self.made),
            "killed": len(self.killed),
            "equivalent": len(self.equivalent),
            "score": round(self.score, 4),
            "survived": [_as_json(mutant) for mutant in self.survived],
            "caught_by_luck": [
                {**_as_json(mutant), "missed": seeds} for mutant, seeds in self.caught_by_luck
            ],
            "wrongly_declared": [
                {**_as_json(mutant), "caught_by": check} for mutant, check in self.wrongly_declared
            ],
        }


def _as_json(mutant: Mutant) -> dict[str, object]:
    return {"file": mutant.file, "line": mutant.line, "change": mutant.change}


@dataclass
class MutantsFound:
    """What `verify --mutants` found, or has found so far."""

    lessons: list[MutantsOfLesson] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether enough mutants of each lesson were killed."""
        return all(lesson.ok for lesson in self.lessons)

    def to_json(self) -> dict[str, object]:
        """Return the document that `verify --mutants --json` prints."""
        lessons = [lesson.to_json() for lesson in self.lessons]
        return {"version": 1, "ok": self.ok, "lessons": lessons}


def make_mutants(
    lessons: list[Lesson],
    *,
    sample: int | None = None,
    seed: int = 0,
    seeds: int | None = None,
    declared: bool = True,
) -> MutantsFound:
    """Return the mutants of `lessons`, none judged yet.

    With `sample`, so many of each lesson, chosen by `seed`; from `seed` their checks are run as
    well, or with `seeds` from each of so many, from 0 on. Those that are `declared` to be equivalent
    pass all checks, which takes most of the time, and may be left out. Raises BrokenDescription where
    a lesson's `equivalents.toml` does not fit.
    """
    found = MutantsFound()
    for lesson in lessons:
        mutants = mutants_of(lesson)
        equivalents = read_equivalents(lesson.folder, mutants)
        if not declared:
            mutants = [m for m in mutants if not any(entry.covers(m) for entry in equivalents)]
        if sample is not None and sample < len(mutants):
            chosen = random.Random(seed).sample(range(len(mutants)), sample)
            mutants = [mutants[index] for index in sorted(chosen)]
        of_seeds = list(range(seeds)) if seeds else [seed]
        found.lessons.append(MutantsOfLesson(lesson, mutants, equivalents, of_seeds))
    return found


def judge_mutants(
    found: MutantsFound,
    on_judged: Callable[[Judged], None] = lambda judged: None,
    jobs: int | None = None,
) -> None:
    """Judge the mutants, `jobs` at a time, and put into `found` what comes of them, as it comes."""
    by_lesson = {of_lesson.lesson: of_lesson for of_lesson in found.lessons}
    with Workers(jobs) as workers:
        begun: list[Future[Judged]] = [
            workers.call(partial(_judge, lesson, mutant, seed))
            for lesson, mutant, seed in _to_judge(found)
        ]
        for future in as_completed(begun):
            judged = future.result()
            by_lesson[judged.lesson].take(judged)
            on_judged(judged)


def _to_judge(found: MutantsFound) -> Iterator[tuple[Lesson, Mutant, int]]:
    for of_lesson in found.lessons:
        for mutant in of_lesson.mutants:
            for seed in of_lesson.seeds:
                yield of_lesson.lesson, mutant, seed


def _judge(lesson: Lesson, mutant: Mutant, seed: int, judge: Judge) -> Judged:
    # Its name is the lesson's, as it is for a learner.
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        target = Path(folder) / lesson.name
        write_project(lesson, target, files={mutant.file: mutant.text})
        job = Job(
            lesson=str(lesson.folder),
            target=str(target),
            first=mutant.task,
            ends_at_failure=True,
            shortens=False,
            seed=seed,
        )
        return Judged(lesson, mutant, seed, _caught_by(job, judge))


def _caught_by(job: Job, judge: Judge) -> str | None:
    """Return the check with points that does not pass, or was not reached in time; None if all pass."""
    try:
        verdict = judge.verdict(job)
    except WorkshopError:
        verdict = judge.verdict(job)  # the judging process itself may have been ended
    if verdict.broken:
        return DOES_NOT_START
    failed = (r.id for r in verdict.checks if r.points and r.status in ("fail", "error"))
    left_out = (r.id for r in verdict.checks if r.is_left_out)
    return next(failed, None) or next(left_out, None)
