"""Each situation of the atlas: what one of the two clients does, and what is done to it.

A situation is a coroutine function of the stage and a client; it returns what the client sees, or
None where it is no longer there to see anything. Its name is its id, with underscores.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed

from proxy import nginx
from relay import relayed
from served import ANSWER, LARGEST, MUCH, SOON
from stage import Stage

Play = Callable[[Stage, Any], Awaitable[dict[str, Any] | None]]

CLIENTS = ("program", "browser")
SERVERS = ("uvicorn", "daphne")


@dataclass(frozen=True)
class Situation:
    """How it is played, by whom it can be, and whether it takes long or needs more than Python."""

    play: Play
    clients: tuple[str, ...]
    servers: tuple[str, ...]
    is_slow: bool


SITUATIONS: dict[str, Situation] = {}


def situation(
    *,
    clients: tuple[str, ...] = CLIENTS,
    servers: tuple[str, ...] = SERVERS,
    is_slow: bool = False,
) -> Callable[[Play], Play]:
    """Register a coroutine function as one."""

    def register(play: Play) -> Play:
        SITUATIONS[play.__name__.replace("_", "-")] = Situation(play, clients, servers, is_slow)
        return play

    return register


# ---- The handshake fails


async def _knock(client: Any, url: str, **options: Any) -> dict[str, Any]:
    seen = await client.open(url, **options)
    assert seen, f"{url} was opened"
    return seen


@situation()
async def rejected(stage, client):
    return await _knock(client, stage.url("refuses", client))


@situation()
async def exception_in_connect(stage, client):
    return await _knock(client, stage.url("raises-at-once", client))


@situation()
async def unknown_path(stage, client):
    return await _knock(client, stage.url("nowhere", client))


@situation()
async def foreign_origin(stage, client):
    return await _knock(client, stage.url("origin", client), origin="http://elsewhere.example")


@situation(servers=("daphne",), is_slow=True)
async def never_accepted(stage, client):
    async with stage.another("--brief") as other:
        return await _knock(client, other.url("hesitates", client))


@situation()
async def nobody_listens(stage, client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    stage.has_no_consumer()
    return await _knock(client, f"ws://127.0.0.1:{port}/")


@situation(is_slow=True)
async def proxy_without_upgrade(stage, client):
    stage.has_no_consumer()
    async with nginx(stage.port, upgrades=False) as port:
        return await _knock(client, stage.url("stays", client, port))


@situation(is_slow=True)
async def proxy_without_server(stage, client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    stage.has_no_consumer()
    async with nginx(nobody) as port:
        return await _knock(client, stage.url("stays", client, port))


# ---- The server's side ends it


async def _enter(client: Any, url: str, **options: Any) -> None:
    seen = await client.open(url, **options)
    assert seen is None, f"{url} was not opened: {seen}"


@situation()
async def closed_with_a_code(stage, client):
    await _enter(client, stage.url("closes-with-a-code", client))
    return await client.ended()


@situation()
async def closed_without_a_code(stage, client):
    await _enter(client, stage.url("closes", client))
    return await client.ended()


@situation()
async def exception(stage, client):
    await _enter(client, stage.url("raises", client))
    await client.send("hello")
    return await client.ended()


@situation(is_slow=True)
async def server_restarts(stage, client):
    async with stage.another() as other:
        await _enter(client, other.url("stays", client))
        os.kill(other.pid, signal.SIGTERM)
        return await client.ended()


@situation(is_slow=True)
async def server_killed(stage, client):
    async with stage.another() as other:
        await _enter(client, other.url("stays", client))
        os.kill(other.pid, signal.SIGKILL)
        return await client.ended()


@situation(servers=("daphne",), is_slow=True)
async def too_old(stage, client):
    async with stage.another("--brief") as other:
        await _enter(client, other.url("stays", client))
        ended = asyncio.ensure_future(client.ended())
        while not ended.done():  # it is busy all the time
            with suppress(ConnectionClosed):
                await client.send("still here")
            await asyncio.wait({ended}, timeout=SOON)
        return await ended


@situation()
async def message_too_large(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.send("x" * 2 * LARGEST)
    return await client.ended()


@situation(clients=("program",))
async def bad_utf_8(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.send_bad_text()
    return await client.ended()


@situation(clients=("program",))
async def bad_frame(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.send_bad_frame()
    return await client.ended()


# ---- The client's side ends it


@situation()
async def client_closes(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.close()
    return await client.ended()


@situation()
async def client_closes_with_a_code(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.close(4000)
    return await client.ended()


@situation(clients=("browser",), is_slow=True)
async def page_left(stage, client):
    await _enter(client, stage.url("stays", client))
    await client.leave()


@situation(clients=("program",))
async def answer_too_large(stage, client):
    await _enter(client, stage.url("answers-at-length", client), max_size=ANSWER // 2)
    await client.send("hello")
    return await client.ended()


# ---- What lies between ends it


@situation()
async def killed_client(stage, client):
    async with relayed(stage.port) as (relay, port):
        await _enter(client, stage.url("stays", client, port))
        relay.end()
        return await client.ended()


@situation()
async def broken_connection(stage, client):
    async with relayed(stage.port) as (relay, port):
        await _enter(client, stage.url("stays", client, port))
        relay.reset()
        return await client.ended()


@situation(clients=("program",))
async def broken_while_sending(stage, client):
    async with relayed(stage.port) as (relay, port):
        await _enter(client, stage.url("sends-much", client, port))
        relay.break_after(MUCH // 100)
        await client.send("go")
        return await client.ended()


@situation(is_slow=True)
async def ping_unanswered(stage, client):
    async with stage.another("--impatient") as other, relayed(other.port) as (relay, port):
        relay.pass_the_handshake_only()
        await _enter(client, other.url("stays", client, port))
        return await client.ended()


@situation(is_slow=True)
async def proxy_read_timeout(stage, client):
    async with nginx(stage.port, read_timeout="2s") as port:
        await _enter(client, stage.url("stays", client, port))
        return await client.ended()
