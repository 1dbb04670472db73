"""What the stage shows at one moment: events, added up."""

from typing import Literal

import msgspec

from ...judging.timeline import Moment
from . import events
from .events import AnyEvent

#: What a moment makes of a client's connection.
_BECOMES: dict[str, "Connected"] = {
    "connects": "knocking",
    "refused": "refused",
    "closes": "closed",
    "drops": "closed",
    "closed": "closed",
}

Connected = Literal["", "knocking", "open", "refused", "closed"]


class ServerPane(msgspec.Struct, frozen=True):
    """A server: whether it is up, where, and the lines of its log that the script waited for."""

    name: str
    program: str
    address: str
    up: bool = True
    lines: tuple[str, ...] = ()


class ClientPane(msgspec.Struct, frozen=True):
    """A client: the server it talks to, its connection, all its moments, and its heart if it has one.

    `asks` is the path of the page that it waits for.
    """

    name: str
    server: str
    connected: Connected = ""
    moments: tuple[Moment, ...] = ()
    heart: Literal["", "waits", "beats"] = ""
    asks: str = ""


class CodePane(msgspec.Struct, frozen=True):
    """A section, or file, that was filled in; `changed` are the lines, from 0, that are new."""

    name: str
    path: str
    text: str
    changed: tuple[int, ...] = ()


class State(msgspec.Struct, frozen=True):
    """All of it. `redis` is None while the demo has none; `services` tells how many wait in each."""

    servers: dict[str, ServerPane] = {}
    clients: dict[str, ClientPane] = {}
    code: dict[str, CodePane] = {}
    services: dict[str, int] = {}
    redis: bool | None = None


def after(state: State, event: AnyEvent) -> State:
    """Return what `state` is once `event` has happened."""
    match event:
        case events.ServerUp(server, address, program):
            return _with(state, ServerPane(server, program, address))
        case events.ServerDown(server):
            return _with(state, msgspec.structs.replace(state.servers[server], up=False))
        case events.Printed(server, line):
            pane = state.servers[server]
            return _with(state, msgspec.structs.replace(pane, lines=(*pane.lines, line)))
        case events.RedisIs(up):
            return msgspec.structs.replace(state, redis=up)
        case events.ServiceIs(service, waiting):
            return msgspec.structs.replace(state, services={**state.services, service: waiting})
        case events.Told(server, moment):
            client = _client(state, moment.who, server)
            return _with(
                state,
                msgspec.structs.replace(
                    client,
                    moments=(*client.moments, moment),
                    connected=_BECOMES.get(moment.what, client.connected),
                    asks="" if moment.what == "http" else client.asks,
                ),
            )
        case events.Opened(who, server):
            return _with(
                state, msgspec.structs.replace(_client(state, who, server), connected="open")
            )
        case events.Asks(who, server, path):
            return _with(state, msgspec.structs.replace(_client(state, who, server), asks=path))
        case events.Pulse(who, server, is_now):
            return _with(state, msgspec.structs.replace(_client(state, who, server), heart=is_now))
        case events.Filled(name, path, text, changed):
            filled = CodePane(name, path, text, tuple(changed))
            # What was filled last stands last, nearest to where people look.
            code = {key: shown for key, shown in state.code.items() if key != name}
            return msgspec.structs.replace(state, code={**code, name: filled})


def comparable(state: State) -> State:
    """Return `state` without what differs from one performance to the next: addresses, times, beats."""
    servers = {
        name: msgspec.structs.replace(pane, address="", lines=("",) * len(pane.lines))
        for name, pane in state.servers.items()
    }
    clients = {
        name: msgspec.structs.replace(pane, heart="beats") if pane.heart else pane
        for name, pane in state.clients.items()
    }
    return msgspec.structs.replace(state, servers=servers, clients=clients)


def _client(state: State, name: str, server: str) -> ClientPane:
    known = state.clients.get(name)
    return msgspec.structs.replace(known, server=server) if known else ClientPane(name, server)


def _with(state: State, pane: ServerPane | ClientPane) -> State:
    if isinstance(pane, ServerPane):
        return msgspec.structs.replace(state, servers={**state.servers, pane.name: pane})
    return msgspec.structs.replace(state, clients={**state.clients, pane.name: pane})
