"""What really happens in lesson 03, recorded for classes that are simulated: `class_progress.json`.

Each picture is the verdict of the checks on a project: the tasks before one are done, those after it
are still to be written, and this one is untouched, wrong in a named way, broken, or right. To record
them anew, after a change to the checks: `python tests/simulated/class_progress.py`.
"""

import tempfile
from pathlib import Path

import msgspec

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.events import Job
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.signature import DOES_NOT_START, signature_of, way_of
from channels_workshop.stage.board.messages import Checked, Judged

FILE = Path(__file__).with_suffix(".json")
LESSON = find_lesson("3")

#: How many ways to get a task wrong are recorded.
_MISTAKES = 6
#: What does not start.
_BROKEN = {"syntax": "        await self.accept(\n", "name": "    room = rooms\n"}


class Picture(msgspec.Struct, omit_defaults=True):
    """How things stand after a save at `task`: `untouched`, `right`, or the name of what is wrong.

    `fails` holds how each check fails: the status, the way, the known error; `ahead` are those whose
    tasks are to be written, all others pass. Of what does not start, `broken` holds way and known error.
    """

    task: str
    name: str
    fails: dict[str, tuple[str, str | None, str | None]] = {}
    ahead: list[str] = []
    broken: tuple[str, str | None] | None = None

    @property
    def checks(self) -> list[Checked]:
        """What a workshop would tell of the checks, in their order."""
        told = []
        for check in LESSON.checks if self.broken is None else []:
            if not check.needs:
                ahead = ("ahead" if check.id in self.ahead else "pass", None, None)
                status = self.fails.get(check.id, ahead)
                told.append(Checked(LESSON.name, check.task, check.id, *status))
        return told

    @property
    def judged(self) -> Judged:
        """What a workshop tells at the end."""
        return Judged(LESSON.name, *(self.broken or ()))

    @property
    def looks(self) -> object:
        """What is wrong, as it looks from outside."""
        return self.broken or frozenset(self.fails.items())


def recorded() -> dict[str, dict[str, Picture]]:
    """Return the pictures by task and name."""
    pictures = msgspec.json.decode(FILE.read_bytes(), type=list[Picture])
    tasks = {picture.task: {} for picture in pictures}
    for picture in pictures:
        tasks[picture.task][picture.name] = picture
    return tasks


def _record():
    pictures = []
    with Judge() as judge, tempfile.TemporaryDirectory() as temporary:
        for number, task in enumerate(LESSON.tasks):
            ahead = {s for later in LESSON.tasks[number + 1 :] for s in later.sections}
            stubs = {name: LESSON.stubs[name] for name in ahead}
            here = {name: LESSON.stubs[name] for name in task.sections}
            ways = {"untouched": here, "right": {}}
            fitting = [
                mistake
                for mistake in LESSON.mistakes.values()
                if not mistake.files and set(mistake.sections) <= set(task.sections)
            ]
            ways |= {mistake.id: mistake.sections for mistake in fitting[:_MISTAKES]}
            ways |= {name: {task.sections[-1]: text} for name, text in _BROKEN.items()}
            later = {one.id for one in LESSON.tasks[number + 1 :]}
            for name, sections in ways.items():
                target = Path(temporary) / f"{task.id}-{name}"
                write_project(LESSON, target, {**stubs, **sections})
                job = Job(str(LESSON.folder), str(target), shortens=False, seed=0)
                verdict = judge.verdict(job)
                unwritten = later | ({task.id} if name == "untouched" else set())
                pictures.append(_picture(task, name, verdict, unwritten))
                print(task.id, name, verdict.score)
    lines = b",\n".join(msgspec.json.encode(picture) for picture in pictures)
    FILE.write_bytes(b"[\n" + lines + b"\n]\n")


def _picture(task, name, verdict, unwritten):
    if broken := verdict.broken:
        way = signature_of(verdict)[DOES_NOT_START]
        return Picture(task.id, name, broken=(way, broken.known))
    picture = Picture(task.id, name)
    for result in verdict.checks:
        if result.task in unwritten and result.status not in ("pass", "not_run"):
            picture.ahead.append(result.id)
        elif result.status in ("fail", "error"):
            failure = result.failure
            way = way_of(failure) if failure else None
            picture.fails[result.id] = (result.status, way, failure.known if failure else None)
    return picture


if __name__ == "__main__":
    _record()
