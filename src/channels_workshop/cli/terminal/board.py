"""How `class` looks in the terminal, and its summary as JSON."""

from typing import Any

from ...language import _, current, plural
from ...live.up import show_in_browser
from ...processes.network import SharedHost
from ...processes.redis import PeoplesRedis
from ...stage.board.course import course_here
from ...stage.board.holding import Addresses, Terminal
from ...stage.board.joining.address import PORT
from ...stage.board.summary import FEWEST, Mistaken, Summary
from .console import say
from .qr_code import show_qr_code
from .serving import show_if_elsewhere


class BoardTerminal(Terminal):
    """The terminal in which somebody has typed `class`; `wanted` is the port that they asked for."""

    def __init__(self, host: SharedHost | None, wanted: int | None, opens: bool) -> None:
        self._host, self._wanted, self._opens = host, wanted, opens

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        say(_("Redis between the processes: {kind} at {place}", kind=redis.kind, place=redis.place))

    def opened(self, addresses: Addresses) -> None:
        if addresses.goes_on:
            say(
                plural(
                    "The last class goes on, with {count} learner. --new begins another.",
                    "The last class goes on, with {count} learners. --new begins another.",
                    addresses.learners,
                )
            )
        else:
            show_if_elsewhere(self._wanted or PORT, addresses.board)
        if self._host is None:
            say(_("This machine is in no network: nobody else can join."), "yellow")
        elif self._host.is_private:
            say(_("Only this machine reaches {host}.", host=self._host.name), "yellow")
        say(_("The board, for you: {address}", address=addresses.board), "bold")
        say(_("From another machine: its code is {code}", code=addresses.access), "dim")
        command = f"up --class {addresses.typed} --name …"
        say(_("Learners type: {command}", command=command), "bold")
        say(_("How to join, for the projector and for phones: {address}", address=addresses.join))
        show_qr_code(addresses.join)
        say(_("Ctrl-C ends it. Nothing is lost: `class` goes on where it was."), "dim")
        if self._opens:
            show_in_browser(addresses.board)

    def worker_ended(self) -> None:
        say(_("A process of the board has ended; another one takes its place."), "yellow")

    def redis_ended(self) -> None:
        say(_("Redis has ended; another one takes its place."), "yellow")


def show_summary(found: Summary) -> None:
    """Print what a class comes to."""
    course, language = course_here(), current()
    learners = plural("{count} learner", "{count} learners", found.learners)
    say(_("The last class: {learners}", learners=learners), "bold")
    hidden = _("Figures to which fewer than {count} have contributed are left out.", count=FEWEST)
    say(hidden, "dim")
    if not found.tasks:
        say(_("No task was finished by enough people."))
    for row in found.tasks:
        title = course.task_title(row.lesson, row.task).spoken(language)
        line = _(
            "{task}: {middle} min, half of them {lower} to {upper} (plan: {plan}; finished by {count})",
            task=f"{row.lesson} · {title}",
            middle=round(row.middle),
            lower=round(row.lower),
            upper=round(row.upper),
            plan=row.planned,
            count=row.learners,
        )
        say(line, hang=4)
        if row.corrected:
            say(_("lesson.toml should say {count}", count=row.corrected), "yellow", indent=4)
    for mistake in found.mistakes:
        say(f"{mistake.learners} × {_wrong(mistake)}", hang=4)


def _wrong(mistake: Mistaken) -> str:
    course, language = course_here(), current()
    if mistake.check is None:
        return _("{lesson}: the project does not start", lesson=mistake.lesson)
    title = course.check_title(mistake.lesson, mistake.check).spoken(language)
    like = course.mistake_title(mistake.lesson, mistake.check, mistake.way)
    end = f" ({like.spoken(language)})" if like else ""
    return f"{mistake.lesson} · {title}{end}"


def summary_json(found: Summary) -> dict[str, Any]:
    """Return the document that `class --summary --json` prints; minutes to a tenth."""
    return {
        "version": 1,
        "learners": found.learners,
        "tasks": [
            {
                "lesson": row.lesson,
                "task": row.task,
                "planned": row.planned,
                "finished": row.learners,
                "median": round(row.middle, 1),
                "quartiles": [round(row.lower, 1), round(row.upper, 1)],
                "corrected": row.corrected,
            }
            for row in found.tasks
        ],
        "mistakes": [
            {"lesson": m.lesson, "check": m.check, "way": m.way, "learners": m.learners}
            for m in found.mistakes
        ],
    }
