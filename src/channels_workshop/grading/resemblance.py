"""Which named mistake a submission behaves like: one that fails the same checks in the same way.

A hint for a person, and silence where the match is not good: a wrong name would send a learner the
wrong way.
"""

from collections.abc import Mapping
from itertools import takewhile

import msgspec

from ..course.lesson import Lesson, Task
from ..course.signatures import digest_of, read_signatures
from ..judging.signature import Signature, signature_of
from ..judging.verdict import Verdict
from .graded import Graded

#: How much of what two have in common must be the same (0 to 1), and how far behind the next
#: mistake must be.
_ALIKE, _AHEAD = 0.75, 0.05


def compared(graded: Graded, lesson: Lesson) -> Graded:
    """Return the same with the mistake that it behaves like, where there is one."""
    if graded.verdict is None or graded.status == "pass":
        return graded
    mistake = behaves_like(graded.verdict, lesson)
    return msgspec.structs.replace(graded, behaves_like=mistake)


def behaves_like(verdict: Verdict, lesson: Lesson) -> str | None:
    """Return the id of the mistake of `lesson` that fails alike, None where none fits well."""
    known = {
        name: signature.fails
        for name, signature in read_signatures(lesson.folder).items()
        if name in lesson.mistakes and signature.digest == digest_of(lesson.mistakes[name])
    }
    unwritten = _unwritten(verdict, lesson)
    tasks = {check.id: check.task for check in lesson.checks}

    def written(signature: Signature) -> dict[str, str]:
        return {check: way for check, way in signature.items() if tasks.get(check) not in unwritten}

    # What private checks say would be in no signature, and is nothing that a student is told.
    signature = {c: way for c, way in signature_of(verdict).items() if c not in lesson.private}

    return closest(written(signature), {n: written(s) for n, s in known.items()})


def _unwritten(verdict: Verdict, lesson: Lesson) -> set[str]:
    """Return the tasks that have not been come to: of them, and of all after them, nothing passes."""

    def passes_nothing(task: Task) -> bool:
        return not any(result.status == "pass" for result in verdict.of_task(task.id))

    return {task.id for task in takewhile(passes_nothing, reversed(lesson.tasks))}


def closest(signature: Signature, known: Mapping[str, Signature]) -> str | None:
    """Return which of `known` is nearest to `signature`; None where none is near, or several are.

    One that fails all of it and little more may be meant as well: a check may have passed by luck.
    """
    if not signature:
        return None
    likeness = {name: _likeness(signature, other) for name, other in known.items()}
    best, *others = sorted(likeness, key=lambda name: (-likeness[name], name)) or [""]
    if not best or likeness[best] < _ALIKE:
        return None
    if others and likeness[best] - likeness[others[0]] < _AHEAD:
        return None
    if any(_fails_little_more(known[name], signature) for name in others):
        return None
    return best


def _fails_little_more(one: Signature, other: Signature) -> bool:
    """Return whether one fails all that the other fails, in the same way each, and one check more."""
    return len(one) <= len(other) + 1 and one.items() >= other.items()


def _likeness(one: Signature, other: Signature) -> float:
    """Return how alike two are, from 0 to 1: of all checks that either fails, those in the same way.

    A check that both fail, each in its own way, counts a third.
    """
    either = {*one, *other}
    if not either:
        return 0.0
    same = sum(one.get(check) == other.get(check) for check in either)
    both = sum(check in one and check in other for check in either) - same
    return (same + both / 3) / len(either)
