"""How `run` looks in the terminal."""

from ...judging.failure import DoesNotRun
from ...language import _
from ...live.run import Choice, Terminal
from ...processes.redis import PeoplesRedis
from .console import say
from .failure import show_broken
from .serving import show_if_elsewhere, show_redis, where


class RunTerminal(Terminal):
    """The terminal in which somebody has typed `run`; `wanted` is the port that they asked for."""

    def __init__(self, choice: Choice, wanted: int) -> None:
        self._choice = choice
        self._wanted = wanted
        self._has_served = False

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        show_redis(redis)

    def served(self, address: str, broken: DoesNotRun | None) -> None:
        if not self._has_served:
            self._has_served = True
            show_if_elsewhere(self._wanted, address)
            say(self._where(address), "bold")
            say(_("Ctrl-C ends it."), "dim")
        elif broken is None:
            say(_("Reloaded."), "dim")
        if broken is not None:
            lesson = self._choice.lesson
            show_broken(lesson, broken, lesson.folder)

    def _where(self, address: str) -> str:
        lesson, further = self._choice.lesson, self._choice.further
        if self._choice.example:
            return _("{lesson}: the example is at {address}", lesson=lesson.name, address=address)
        if further is None:
            return where(lesson, address, self._choice.mine)
        return _(
            "{lesson} with {further}: the finished project is at {address}",
            lesson=lesson.name,
            further=further,
            address=address,
        )
