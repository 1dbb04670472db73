"""What `up` and `run` say alike: where a project is, its Redis, a port that is taken, the end."""

from urllib.parse import urlsplit

from ...course.lesson import Lesson
from ...language import _
from ...processes.redis import PeoplesRedis
from .console import console, say


def where(lesson: Lesson, address: str, mine: bool) -> str:
    """Return the line that says whose project is at `address`."""
    if mine:
        return _("{lesson}: your project is at {address}", lesson=lesson.name, address=address)
    return _("{lesson}: the finished project is at {address}", lesson=lesson.name, address=address)


def show_redis(redis: PeoplesRedis) -> None:
    """Print which Redis is beside the project, and what that is worth."""
    if redis.is_theirs:
        say(_("Redis: yours, at {place} (REDIS_URL)", place=redis.place))
        if not redis.answers():
            line = _("It does not answer. Start it, or unset REDIS_URL to get one for this lesson.")
            say(line, "yellow")
    elif redis.is_stand_in:
        line = _("Redis: a stand-in ({kind}) at {place}", kind=redis.kind, place=redis.place)
        say(line, "yellow")
        say(_("Fine for trying things out; do not measure load with it."))
        say(_("Install redis-server or valkey-server to have the real one."), "dim")
    else:
        say(
            _(
                "Redis: {kind} at {place}, started for this lesson",
                kind=redis.kind,
                place=redis.place,
            )
        )


def show_if_elsewhere(wanted: int, address: str) -> None:
    """Say so where another port than the wanted one is used."""
    port = urlsplit(address).port
    if port != wanted:
        say(_("Port {wanted} is taken; {port} is free.", wanted=wanted, port=port), "yellow")


def show_goodbye() -> None:
    """Print that Ctrl-C has done what it was to do."""
    console.print()
    say(_("Everything has ended."), "dim")
