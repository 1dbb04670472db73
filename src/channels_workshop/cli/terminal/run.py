"""How `run` looks in the terminal."""

from urllib.parse import urljoin

from ...judging.failure import DoesNotRun
from ...language import _
from ...live.run import Choice, Place, Terminal
from ...processes.join_page import PATH as JOIN_PAGE
from ...processes.network import SharedHost
from ...processes.redis import PeoplesRedis
from .console import say
from .failure import show_broken
from .qr_code import show_qr_code
from .serving import show_if_elsewhere, show_redis, where


class RunTerminal(Terminal):
    """The terminal in which somebody has typed `run`, for this `choice` and `place`."""

    def __init__(self, choice: Choice, place: Place) -> None:
        self._choice = choice
        self._wanted = place.wanted
        self._has_served = False

    def redis_chosen(self, redis: PeoplesRedis) -> None:
        show_redis(redis)

    def watching(self, address: str) -> None:
        say(_("Frame microscope: {address}", address=address), "bold")

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

    def shared(self, address: str, host: SharedHost) -> None:
        if host.is_private:
            say(_("Only this machine reaches {host}.", host=host.name), "yellow")
        else:
            say(
                _("Anybody in this network can reach it, and see its code on an error page."),
                "yellow",
            )
        show_qr_code(address)
        say(_("For the projector: {address}", address=urljoin(address, JOIN_PAGE)))

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
