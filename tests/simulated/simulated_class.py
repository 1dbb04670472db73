"""Learners of a class that is simulated: what each does in ten minutes, out of what was recorded.

Whoever moves saves every half a minute or so while something is wrong, thinks now and then for up to 90
seconds, may try the same once more, gets on, and reads before the next task. Whoever is stuck does not
get on from one moment on, in one of KINDS.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from channels_workshop.stage.board.messages import Checked, Hand, Reported, Turned
from class_progress import LESSON, Picture

#: Seconds.
LENGTH = 600.0
#: Saves the same again; goes round; breaks it and saves; saves no more; each with something wrong.
KINDS = ("same", "round", "broken", "silent")
_SHORTEST, _LONGEST, _USUAL = 8.0, 90.0, 30.0


@dataclass
class Learner:
    """Somebody, and what they do: at which second, what is reported.

    `stuck` is the kind, None of those who move; `since` the second of the last thing that was new.
    """

    name: str
    stuck: str | None = None
    since: float = 0.0
    steps: list[tuple[float, Reported]] = field(default_factory=list)


def simulated(
    seed: int, pictures: dict[str, dict[str, Picture]], size: int = 200, stuck: int = 16
) -> list[Learner]:
    """Return a class of that size, with so many who are stuck, of each kind as many."""
    rng = Random(seed)
    planted = rng.sample(range(size), stuck)
    kinds = dict(zip(planted, itertools.cycle(KINDS), strict=False))
    return [
        _Story(Learner(f"learner {n}", kinds.get(n)), pictures, rng).told() for n in range(size)
    ]


class _Story:
    def __init__(
        self, learner: Learner, pictures: dict[str, dict[str, Picture]], rng: Random
    ) -> None:
        self.learner, self.pictures, self.rng = learner, pictures, rng
        self.tasks = [task.id for task in LESSON.tasks]
        self.known: dict[str, Checked] = {}
        self.at = rng.uniform(0, 20)
        self.number = rng.choice([0, 0, 1, 2])
        self.stuck_from = rng.uniform(60, 280) if learner.stuck else float("inf")

    def told(self) -> Learner:
        """Return the learner with all that they do."""
        self._turn()
        self._save("untouched")
        while self.at < LENGTH and self.number < len(self.tasks):
            self._pause(reads=True)
            if self._work():
                self._save("right")
                self.number += 1
                self._turn()
            else:
                self._stay_stuck()
                break
        if self.rng.random() < 0.05:
            self.learner.steps.append((self.rng.uniform(30, LENGTH), Hand(True)))
        self.learner.steps = sorted(
            (step for step in self.learner.steps if step[0] < LENGTH), key=lambda step: step[0]
        )
        return self.learner

    def _work(self) -> bool:
        """Try this and that; return whether the task is solved in the end."""
        for name in self._tries():
            self._save(name)
            if self.at >= self.stuck_from:
                return False
            if self.rng.random() < 0.25:
                self._pause()
                self._save(name)
            self._pause()
        # Whoever gets stuck, and has not yet, goes on to the next task with something wrong.
        return True

    def _tries(self) -> Iterator[str]:
        wrong = self._ways_to_fail()
        tried = self.rng.sample(wrong, min(len(wrong), self.rng.choice([1, 2, 2, 3, 4])))
        yield from tried
        if self.learner.stuck and self.at + _LONGEST > self.stuck_from:
            yield from (name for name in wrong if name not in tried)

    def _stay_stuck(self) -> None:
        learner, ways = self.learner, self._ways_to_fail()
        breaks = [name for name in ways if self.pictures[self.task][name].broken]
        learner.since = self.at
        match learner.stuck:
            case "same":
                stays = itertools.repeat(self.now)
            case "broken":
                stays = itertools.repeat(self.rng.choice(breaks))
            case "round":
                stays = itertools.cycle(sorted(self.tried - {"untouched"}))
            case _:
                stays = iter(())
        for name in stays:
            self._pause()
            if self.at >= LENGTH:
                return
            if name not in self.tried:
                learner.since = self.at
            self._save(name)

    def _ways_to_fail(self) -> list[str]:
        """Return what may be wrong at this task, one name for all that look alike from outside."""
        wrong = [
            p for p in self.pictures[self.task].values() if p.name not in ("untouched", "right")
        ]
        self.rng.shuffle(wrong)
        return [picture.name for picture in {picture.looks: picture for picture in wrong}.values()]

    @property
    def task(self) -> str:
        return self.tasks[self.number]

    def _pause(self, reads: bool = False) -> None:
        if reads:
            self.at += self.rng.uniform(20, 120)
        else:
            seconds = itertools.repeat(_USUAL)
            thought = (usual * self.rng.lognormvariate(0, 0.6) for usual in seconds)
            self.at += next(time for time in thought if _SHORTEST <= time <= _LONGEST)

    def _turn(self) -> None:
        self.tried: set[str] = set()
        done = self.number == len(self.tasks)
        turned = Turned(LESSON.name, stage="passed") if done else Turned(LESSON.name, self.task)
        self.learner.steps.append((self.at, turned))

    def _save(self, name: str) -> None:
        picture = self.pictures[self.task][name]
        self.now = name
        self.tried.add(name)
        for checked in picture.checks:
            if self.known.get(checked.check) != checked:
                self.known[checked.check] = checked
                self.learner.steps.append((self.at, checked))
        self.learner.steps.append((self.at, picture.judged))
