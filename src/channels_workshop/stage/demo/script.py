"""Reads `demo.toml`, beside a lesson: who says what, what happens, and what must then be seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ...course.lesson import Lesson
from ...course.lessons import all_lessons
from ...course.toml_file import BrokenDescription, line_of, read
from ...course.words import WordList, Words
from ...errors import WorkshopError
from ...language import message
from . import acts, outcomes
from .acts import AnyAct, Fill
from .copybook import FOLDER, NoSuchCode, text_of
from .outcomes import AnyOutcome

FILE = "demo.toml"


class Counter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the stage shows large for each client: the `key` of the last frame that has one."""

    key: str
    label: Words


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[demo]` table. `begins_with` is the code that stands in the project before the first step.

    Everything else is as in the reference. `counter` is what the demo is about, where it is a number.
    """

    title: Words
    begins_with: list[Fill] = []
    counter: Counter | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: what to say (bullets), what happens, and what must then be seen.

    `minutes` are the plan. The audience sees the title, and the `code` in play: sections or files.
    """

    id: str
    title: Words
    minutes: float
    say: WordList
    acts: list[AnyAct] = []
    sees: list[AnyOutcome] = []
    code: list[str] = []


class DemoFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `demo.toml`."""

    demo: About
    steps: list[Step]


@dataclass(frozen=True, eq=False)
class Demo:
    """The demo of a lesson."""

    lesson: Lesson
    title: Words
    begins_with: list[Fill]
    steps: list[Step]
    counter: Counter | None = None

    @property
    def minutes(self) -> float:
        """How long it takes, by the plan."""
        return sum(step.minutes for step in self.steps)

    @property
    def needs_redis(self) -> bool:
        """Whether a Redis is started in it."""
        return any(isinstance(act, acts.StartRedis) for step in self.steps for act in step.acts)


def find_demo(lesson: Lesson) -> Demo:
    """Return the demo of `lesson`. Raises WorkshopError where it has none, BrokenDescription."""
    if not (lesson.folder / FILE).is_file():
        raise WorkshopError(
            message("{lesson} has no demo.", lesson=lesson.name),
            message("These have one: {names}.", names=", ".join(_names())),
        )
    return load_demo(lesson)


def all_demos() -> list[Demo]:
    """Return the demo of each lesson that has one. Raises BrokenDescription."""
    return [load_demo(lesson) for lesson in all_lessons() if (lesson.folder / FILE).is_file()]


def _names() -> Iterator[str]:
    return (lesson.name for lesson in all_lessons() if (lesson.folder / FILE).is_file())


def load_demo(lesson: Lesson, path: Path | None = None) -> Demo:
    """Return the demo that `path`, by itself the lesson's `demo.toml`, describes.

    Raises BrokenDescription, with file, line and fix, for what is no demo, or cannot be performed.
    """
    path = path or lesson.folder / FILE
    content = read(path, DemoFile)
    _Proofreader(lesson, path).read(content)
    about = content.demo
    return Demo(lesson, about.title, about.begins_with, content.steps, about.counter)


@dataclass
class _Proofreader:
    """Finds what is well-formed and still cannot be performed; it knows who is on the scene so far."""

    lesson: Lesson
    path: Path
    servers: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    hearts: set[str] = field(default_factory=set)
    has_redis: bool = False

    def read(self, content: DemoFile) -> None:
        for number, fill in enumerate(content.demo.begins_with):
            self._fill(fill, f"$.demo.begins_with[{number}]")
        ids: set[str] = set()
        for number, step in enumerate(content.steps):
            here = f"$.steps[{number}]"
            if step.id in ids:
                self._refuse(f"{here}.id", f"the id {step.id!r} is used twice", "Rename one.")
            ids.add(step.id)
            for index, act in enumerate(step.acts):
                self._act(act, f"{here}.acts[{index}]")
            for index, outcome in enumerate(step.sees):
                self._outcome(outcome, f"{here}.sees[{index}]")
            if step.acts and not step.sees and not all(isinstance(a, Fill) for a in step.acts):
                self._refuse(
                    f"{here}.id",
                    f"the step {step.id!r} does something, and nothing has to be seen of it",
                    "Say what must be seen: sees = [{see = …}].",
                )
            for name in step.code:
                if name not in self.lesson.sections and not (self.lesson.folder / name).is_file():
                    self._refuse(
                        f"{here}.code",
                        f"{name!r} is neither a section nor a file of the project",
                        f"The sections are: {', '.join(self.lesson.sections)}.",
                    )

    def _act(self, act: AnyAct, where: str) -> None:
        match act:
            case acts.Fill():
                self._fill(act, where)
            case acts.Serve():
                self._new(act.server, self.servers, "server", where)
            case acts.Run():
                self._new(act.server, self.servers, "server", where)
                for name in act.laid:
                    if not (self.lesson.folder / FOLDER / name).is_file():
                        fix = f"Put it into {self.lesson.name}/{FOLDER}."
                        self._refuse(where, f"there is no {FOLDER}/{name}", fix)
            case acts.Restart() | acts.Kill():
                self._known(act.server, self.servers, "server", where)
            case acts.StartRedis():
                self.has_redis = True
            case acts.StopRedis():
                if not self.has_redis:
                    self._refuse(where, "no Redis runs here", "Start it: {do = 'start_redis'}.")
            case acts.Hold():
                self._new(act.service, self.services, "service", where)
            case acts.Release():
                self._known(act.service, self.services, "service", where)
            case acts.Connect():
                self._known(act.server, self.servers, "server", where)
                if act.cookies_of:
                    self._known(act.cookies_of, self.clients, "client", where)
                self.clients.add(act.who)
            case acts.Get() | acts.Post():
                self._known(act.server, self.servers, "server", where)
                self.clients.add(act.who)
            case acts.Beat():
                self._known(act.server, self.servers, "server", where)
                self._new(act.who, self.hearts, "heart", where)
            case acts.Send() | acts.Close() | acts.Drop():
                self._known(act.who, self.clients, "client", where)

    def _outcome(self, outcome: AnyOutcome, where: str) -> None:
        match outcome:
            case outcomes.LogLine():
                self._known(outcome.server, self.servers, "server", where)
            case outcomes.Asked():
                self._known(outcome.service, self.services, "service", where)
            case outcomes.Beats() | outcomes.StandsStill():
                self._known(outcome.who, self.hearts, "heart", where)
            case outcomes.HeldUp():
                self._known(outcome.who, self.hearts, "heart", where)
                self._known(outcome.by, self.clients, "client", where)
            case _:
                self._known(outcome.who, self.clients, "client", where)

    def _fill(self, fill: Fill, where: str) -> None:
        try:
            text_of(self.lesson, fill)
        except NoSuchCode as wrong:
            self._refuse(where, str(wrong.message), str(wrong.fix))

    def _new(self, name: str, known: set[str], kind: str, where: str) -> None:
        if name in known:
            self._refuse(where, f"there is a {kind} {name!r} already", "Give it another name.")
        known.add(name)

    def _known(self, name: str, known: set[str], kind: str, where: str) -> None:
        if name not in known:
            so_far = ", ".join(sorted(known)) or "none"
            self._refuse(where, f"there is no {kind} {name!r} yet", f"So far: {so_far}.")

    def _refuse(self, where: str, what: str, fix: str) -> None:
        line = line_of(self.path.read_text(encoding="utf-8"), where)
        raise BrokenDescription(self.path, line, what, fix)
