"""Learns how each mistake of a lesson shows, for whoever names it in a submission later."""

import tempfile
from collections.abc import Callable
from concurrent.futures import as_completed
from functools import partial
from pathlib import Path

from ..course.copies import write_project
from ..course.lesson import Lesson
from ..course.mistakes import Mistake
from ..course.signatures import MistakesSignature, digest_of, read_signatures, write_signatures
from ..judging.events import Job
from ..judging.judge import Judge
from ..judging.signature import signature_of
from ..judging.workers import Workers

#: Called with a lesson's name and a mistake's, as each has been learnt.
OnLearnt = Callable[[str, str], None]


def unknown_mistakes(lesson: Lesson) -> list[Mistake]:
    """Return the mistakes of which it is not known how they show, or that were changed since."""
    known = read_signatures(lesson.folder)
    return [
        mistake
        for mistake in lesson.mistakes.values()
        if mistake.id not in known or known[mistake.id].digest != digest_of(mistake)
    ]


def learn(lessons: list[Lesson], on_learnt: OnLearnt, jobs: int | None = None) -> None:
    """Judge each mistake that is not known by all checks, and write down how it shows.

    What is learnt is kept every few mistakes: it may be ended at any time.
    """
    with Workers(jobs) as workers:
        begun = {
            workers.call(partial(_judge, lesson, mistake)): (lesson, mistake)
            for lesson in lessons
            for mistake in unknown_mistakes(lesson)
        }
        for future in as_completed(begun):
            lesson, mistake = begun[future]
            _keep(lesson, mistake, future.result())
            on_learnt(lesson.name, mistake.id)


def _judge(lesson: Lesson, mistake: Mistake, judge: Judge) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        target = Path(folder) / lesson.name
        write_project(lesson, target, mistake.sections, mistake.files)
        job = Job(str(lesson.folder), str(target), shortens=False, seed=0)
        return signature_of(judge.verdict(job))


def _keep(lesson: Lesson, mistake: Mistake, fails: dict[str, str]) -> None:
    """Write down one more, and forget mistakes that are no more."""
    known = {
        name: signature
        for name, signature in read_signatures(lesson.folder).items()
        if name in lesson.mistakes
    }
    known[mistake.id] = MistakesSignature(digest_of(mistake), fails)
    write_signatures(lesson.folder, known)
