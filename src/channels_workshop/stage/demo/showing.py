"""`demo NN`: looks around, plays the demo once, and then serves it until Ctrl-C."""

import asyncio
import contextlib
from contextlib import ExitStack
from dataclasses import dataclass

from ...language import current
from ...processes.network import SharedHost
from ...processes.ports import address_of
from ...processes.supervisor import Supervisor
from ..access_code import AccessCode
from ..serving import listeners_at, server_of
from .preflight import Finding, dress_rehearsal, look_around
from .script import Demo
from .theatre import Theatre

#: The port that is tried first.
PORT = 8200

#: Under which name a browser keeps the code.
_COOKIE = "presenter"


@dataclass(frozen=True)
class Addresses:
    """Where the pages are; the presenter's with the code. `network` is that of `--host`, or empty."""

    stage: str
    presenter: str
    network: str
    code: str


class Terminal:
    """Whoever typed `demo`: is told what happens."""

    def begun(self, demo: Demo) -> None:
        """It is looked around, and the demo is played once."""

    def found(self, finding: Finding) -> None:
        """Something was looked at."""

    def opened(self, addresses: Addresses) -> None:
        """The pages are about to be served."""


def show(demo: Demo, port: int, host: SharedHost | None, terminal: Terminal) -> None:
    """Serve the stage and the presenter's page of `demo` until Ctrl-C.

    With `host`, others in its network reach them there too. Raises WorkshopError where no port is
    free.
    """
    from .pages.app import application_for
    from .pages.performance import Performance

    code = AccessCode(_COOKIE)
    with ExitStack() as kept:
        listeners = [kept.enter_context(one) for one in listeners_at(port, host)]
        supervisor = kept.enter_context(Supervisor())
        terminal.begun(demo)
        findings = look_around(demo)
        last, rehearsed = asyncio.run(dress_rehearsal(demo, supervisor))
        findings.append(last)
        for finding in findings:
            terminal.found(finding)
        stage = f"{address_of(listeners[0])}{current()}/"
        network = f"{address_of(listeners[0], host.name)}{current()}/" if host else ""
        presenter = f"{stage}presenter/?code={code.text}"
        terminal.opened(Addresses(stage, presenter, network, code.text))
        theatre = Theatre(demo, supervisor, recorded=rehearsed.recorded)
        application = application_for(
            Performance(theatre, code, findings), host.name if host else ""
        )
        with contextlib.suppress(KeyboardInterrupt):
            server_of(application).run(sockets=listeners)
