"""How `up` and `run` look in the terminal: calm; a line for each save, and what went wrong."""

import itertools
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

from rich.text import Text

from ..classroom.board import Board
from ..classroom.opening import Addresses, Host
from ..classroom.pages import Pages
from ..classroom.printed import OwnFrames
from ..classroom.running import Choice, Runner
from ..course.lesson import Lesson
from ..language import _, current
from ..learner.checking import what_next
from ..serving.redis import PeoplesRedis
from .output import console

#: How uvicorn begins the lines that tell of an ordinary day.
_ORDINARY = "INFO: "


class Terminal(Host):
    """The person who has typed `up`."""

    def __init__(self) -> None:
        self._own_frames = OwnFrames()

    def opened(self, addresses: Addresses, lesson: Lesson, folder: Path | None) -> None:
        self._served = folder
        console.print(Text(_("Django Channels workshop"), style="bold"))
        for wanted, address in zip(
            addresses.wanted, (addresses.pages, addresses.project), strict=True
        ):
            _say_if_elsewhere(wanted, address)
        console.print()
        whose = _("your project") if folder else _("finished project")
        rows = [
            (_("pages"), addresses.pages),
            (_("live panel"), addresses.panel),
            (whose, addresses.project),
        ]
        width = max(len(name) for name, _address in rows)
        for name, address in rows:
            console.print(Text(f"  {name:<{width}}  ").append(address, style="cyan"))
        console.print()
        number, title = f"{lesson.number:02}", lesson.about.title.spoken(current())
        console.print(Text(_("Lesson {number}: {title}", number=number, title=title)))
        if folder is None:
            line = _(
                "Not started yet. Press “Start the lesson” on the live panel, or type in another "
                "terminal: python workshop.py start {n}",
                n=number,
            )
        else:
            line = _("Your files are watched: save, and they are checked.")
        console.print(Text(line))
        console.print(Text(_("Ctrl-C ends everything."), style="dim"))

    def pages_settled(self, pages: Pages) -> None:
        if pages.trouble:
            console.print(Text(_("The pages could not be built:"), style="yellow"))
            console.print(Text(_indented(pages.trouble), style="dim"))
            if pages.folder:
                console.print(Text(_("You see the pages as they were built before.")))

    def project_served(self, board: Board) -> None:
        if board.folder != self._served:
            self._served = board.folder
            console.print()
            console.print(Text(_where(board.lesson, board.address, mine=board.folder is not None)))
        if board.broken:
            console.print()
            console.print(_begun(board).append(_("Your project does not start"), style="bold red"))
            console.print(Text(_indented(board.broken)))

    def verdict_given(self, board: Board) -> None:
        console.print()
        if board.trouble:
            console.print(Text(board.trouble, style="yellow"))
            return
        console.print(_summary(board))
        if not board.starts:
            console.print(Text(_indented(board.traceback)))
        elif board.first_failure:
            _show_first_failure(board)
        else:
            _show_what_next(board)

    def lines_printed(self, lines: list[str]) -> None:
        for line in self._own_frames.of(lines):
            if line and not line.startswith(_ORDINARY):
                console.print(Text(f"  │ {line}", style="dim"))

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        console.print()
        _say_redis(redis)


def _begun(board: Board) -> Text:
    """Return the beginning of a line: when, and what was saved."""
    assert board.at
    line = Text(f"{board.at:%H:%M:%S}  ", style="dim")
    files = [str(path) for path in board.changed]
    if files:
        line.append(", ".join(files[:3]) + (" …  " if len(files) > 3 else "  "))
    return line


def _summary(board: Board) -> Text:
    verdict = board.verdict
    assert verdict
    line = _begun(board)
    dots = "".join("●" if board.passed(task) else "○" for task in board.lesson.tasks)
    line.append(dots, style="not dim green" if verdict.status == "pass" else "not dim")
    score = _("{score} of {most} points", score=verdict.score, most=verdict.max_score)
    return line.append(f"  {score}", style="not dim bold").append(f"  {verdict.duration:.1f} s")


def _show_first_failure(board: Board) -> None:
    assert board.first_failure
    result, told = board.first_failure
    title = board.lesson.check(result.id).title.spoken(current())
    console.print(Text(f"  ✗ {title}", style="bold red"))
    text = told.text() if told else result.message or ""
    console.print(Text(_indented(text, 4)))


def _show_what_next(board: Board) -> None:
    assert board.verdict
    if board.verdict.status == "pass":
        console.print(Text(_("  Everything that the agreement promises holds. Well done.")))
    if board.folder:
        lines = what_next(board.lesson, board.verdict, board.failures)
        console.print(Text(_indented("\n".join(lines))))


def _where(lesson: Lesson, address: str, mine: bool) -> str:
    if mine:
        return _("{lesson}: your project is at {address}", lesson=lesson.name, address=address)
    return _("{lesson}: the finished project is at {address}", lesson=lesson.name, address=address)


class RunTerminal(Runner):
    """The person who has typed `run`; `wanted` is the port that they asked for."""

    def __init__(self, choice: Choice, wanted: int) -> None:
        self._choice = choice
        self._wanted = wanted
        self._times = itertools.count()

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        _say_redis(redis)

    def served(self, address: str, broken: str) -> None:
        if next(self._times) == 0:
            _say_if_elsewhere(self._wanted, address)
            console.print(Text(self._where(address), style="bold"))
            console.print(Text(_("Ctrl-C ends it."), style="dim"))
        elif not broken:
            console.print(Text(_("Loaded anew."), style="dim"))
        if broken:
            console.print(Text(_("The project does not start:"), style="bold red"))
            console.print(Text(_indented(broken)))

    def _where(self, address: str) -> str:
        lesson, further = self._choice.lesson, self._choice.further
        if further is None:
            return _where(lesson, address, self._choice.mine)
        return _(
            "{lesson} with {further}: the finished project is at {address}",
            lesson=lesson.name,
            further=further,
            address=address,
        )


def _say_redis(redis: PeoplesRedis) -> None:
    """Print which Redis is beside the project, and what that is worth."""
    if redis.is_theirs:
        console.print(Text(_("Redis: yours, at {place} (REDIS_URL)", place=redis.place)))
        if not redis.answers():
            line = _("It does not answer. Start it, or unset REDIS_URL to get one for this lesson.")
            console.print(Text(line, style="yellow"))
    elif redis.is_stand_in:
        line = _("Redis: a stand-in ({kind}) at {place}", kind=redis.kind, place=redis.place)
        console.print(Text(line, style="yellow"))
        console.print(Text(_("Good for trying out. No load figure may come from it.")))
        mend = _("Install redis-server or valkey-server to have the real one.")
        console.print(Text(mend, style="dim"))
    else:
        line = _(
            "Redis: {kind} at {place}, started for this lesson", kind=redis.kind, place=redis.place
        )
        console.print(Text(line))


def say_goodbye() -> None:
    """Print that Ctrl-C has done what it was to do."""
    console.print()
    console.print(Text(_("Everything has ended."), style="dim"))


def _say_if_elsewhere(wanted: int, address: str) -> None:
    port = urlsplit(address).port
    if port != wanted:
        line = _("Port {wanted} is taken; {port} is free.", wanted=wanted, port=port)
        console.print(Text(line, style="yellow"))


def _indented(text: str, width: int = 2) -> str:
    return textwrap.indent(text.rstrip(), " " * width)
