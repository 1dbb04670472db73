"""Proves a lesson's checks: what is right passes them, and each way to be wrong is caught.

For each lesson: the reference passes; the starter boots and fails every task; with the first tasks
solved just those pass; every mistake is failed by the check that it names, and leaves the other
tasks alone; every accepted solution passes; every check is failed by some mistake.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..checking.running import check
from ..checking.verdict import Verdict
from ..course.catalogue import lesson_before
from ..course.delta import undeclared
from ..course.lesson import Lesson
from ..course.mistakes import Mistake, load_mistakes
from ..course.project import files_below
from ..course.reference import lay_over, stub_texts, write_project
from ..serving.backstage import Backstage

#: Told what is being tried, before each trial.
OnTrial = Callable[[str], None]


@dataclass
class MistakeProof:
    """How one mistake fared. `stray` are checks of other tasks that it failed without leave."""

    id: str
    expected: str
    caught_by: list[str]
    stray: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.expected in self.caught_by and not self.stray


@dataclass
class AcceptedProof:
    """How one accepted solution fared; `failed` are the checks that it did not pass."""

    id: str
    status: str
    failed: list[str] = field(default_factory=list)


@dataclass
class LessonProof:
    """All that was proved of one lesson. `wrong_steps` are the tasks misjudged on the way."""

    lesson: str
    reference: str
    starter_fails_every_task: bool
    wrong_steps: list[str] = field(default_factory=list)
    mistakes: list[MistakeProof] = field(default_factory=list)
    accepted: list[AcceptedProof] = field(default_factory=list)
    unkilled_checks: list[str] = field(default_factory=list)
    undeclared_changes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return (
            self.reference == "pass"
            and self.starter_fails_every_task
            and all(mistake.ok for mistake in self.mistakes)
            and all(solution.status == "pass" for solution in self.accepted)
            and not (self.wrong_steps or self.unkilled_checks or self.undeclared_changes)
        )


@dataclass
class Proof:
    """What `verify` found."""

    lessons: list[LessonProof] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(lesson.ok for lesson in self.lessons)

    def to_json(self) -> dict[str, object]:
        """Return the document that `verify --json` prints."""
        return {
            "version": 1,
            "ok": self.ok,
            "lessons": [{**asdict(lesson), "ok": lesson.ok} for lesson in self.lessons],
        }


def verify(lessons: list[Lesson], on_trial: OnTrial = lambda what: None) -> Proof:
    """Prove the checks of `lessons`, one after the other."""
    proof = Proof()
    with Backstage() as backstage:
        for lesson in lessons:
            proof.lessons.append(_Trial(lesson, backstage, on_trial).prove())
    return proof


def count_trials(lessons: list[Lesson]) -> int:
    """Return how many targets `verify` will judge for `lessons`."""
    return sum(
        2 + len(lesson.tasks) - 1 + len(load_mistakes(lesson)) + len(accepted_folders(lesson))
        for lesson in lessons
    )


def accepted_folders(lesson: Lesson) -> list[Path]:
    """Return the overlays of the lesson's other right solutions."""
    folder = lesson.folder / "accepted"
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


class _Trial:
    """The trials of one lesson, each on a project written for it alone."""

    def __init__(self, lesson: Lesson, backstage: Backstage, on_trial: OnTrial) -> None:
        self.lesson = lesson
        self.backstage = backstage
        self.on_trial = on_trial
        self.stubs = stub_texts(lesson)

    def prove(self) -> LessonProof:
        lesson = self.lesson
        reference = self.judge("reference")
        proof = LessonProof(
            lesson=lesson.name,
            reference=reference.status,
            starter_fails_every_task=self.starter_fails_every_task(),
            wrong_steps=list(self.wrong_steps()),
            mistakes=[self.catch(mistake) for mistake in load_mistakes(lesson)],
            accepted=[self.accept(folder) for folder in accepted_folders(lesson)],
            undeclared_changes=self.undeclared_changes(),
        )
        caught = {check_id for mistake in proof.mistakes for check_id in mistake.caught_by}
        ran = [result.id for result in reference.checks if result.status != "not_run"]
        proof.unkilled_checks = [check_id for check_id in ran if check_id not in caught]
        return proof

    def judge(
        self,
        name: str,
        sections: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        overlay: Path | None = None,
        only: list[str] | None = None,
    ) -> Verdict:
        """Return the verdict on the reference with parts replaced."""
        self.on_trial(f"{self.lesson.name}: {name}")
        with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
            target = Path(folder)
            write_project(self.lesson, target, sections, files)
            if overlay:
                lay_over(overlay, target, list(files_below(overlay)))
            return check(self.lesson, target, self.backstage, only=only)

    def starter_fails_every_task(self) -> bool:
        verdict = self.judge("starter", self.stubs)
        # An error would mean that it does not even boot.
        return verdict.status == "fail" and all(
            any(result.status == "fail" for result in verdict.of_task(task.id))
            for task in self.lesson.tasks
        )

    def wrong_steps(self) -> Iterator[str]:
        """Yield the tasks that are misjudged while a learner works down the list."""
        tasks = self.lesson.tasks
        for solved in range(1, len(tasks)):
            left = [name for task in tasks[solved:] for name in task.sections]
            verdict = self.judge(
                f"up to {tasks[solved - 1].id}", {name: self.stubs[name] for name in left}
            )
            for number, task in enumerate(tasks):
                if verdict.passed_task(task.id) != (number < solved):
                    yield f"{task.id}, with the first {solved} solved"

    def catch(self, mistake: Mistake) -> MistakeProof:
        verdict = self.judge(mistake.id, mistake.sections, mistake.files)
        return weigh(self.lesson, mistake, verdict)

    def accept(self, folder: Path) -> AcceptedProof:
        verdict = self.judge(folder.name, overlay=folder)
        failed = [result.id for result in verdict.checks if result.status in ("fail", "error")]
        return AcceptedProof(folder.name, verdict.status, failed)

    def undeclared_changes(self) -> list[str]:
        before = lesson_before(self.lesson)
        if before is None:
            return []
        return [f"{change.how}: {change.path}" for change in undeclared(before, self.lesson)]


def weigh(lesson: Lesson, mistake: Mistake, verdict: Verdict) -> MistakeProof:
    """Return how `mistake` fared by the verdict on it."""
    task = lesson.check(mistake.expected).task
    caught = [result.id for result in verdict.checks if result.status == mistake.caught_as]
    not_passed = [result for result in verdict.checks if result.status in ("fail", "error")]
    stray = [
        result.id
        for result in not_passed
        if result.task != task and result.id not in mistake.also and mistake.caught_as == "fail"
    ]
    return MistakeProof(mistake.id, mistake.expected, caught, stray)
