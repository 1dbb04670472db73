"""The chat behind `deploy/nginx.conf`. That is given, so nothing here earns points."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from channels_workshop.chat_checks.accounts import bearer
from channels_workshop.chat_checks.chat import room_path
from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch
from many_processes import Process
from nginx_proxy import start_nginx
from proxied import count_pings, read_timeout, with_read_timeout

#: Seconds: what the read timeout is cut down to, and the pings with it. Twice it has to go by.
READ_TIMEOUT = 3
PINGS = 6
#: Seconds within which they have come, or the connection was cut off.
LONG_ENOUGH = 60


@pytest.fixture
async def behind_nginx(request, servers, accounts, evidence):
    """A function that runs an nginx.conf in front of two processes of one chat, served by options.

    It returns what people see of them: one address.
    """
    async with AsyncExitStack() as kept:

        def behind_nginx(configuration, options):
            backends = []
            for name in ("app1", "app2"):
                backends.append(servers.another(f"{request.node.name}-{name}", options))
                kept.callback(backends[-1].stop)
            evidence.watch(backends[0], 0)
            nginx = start_nginx(configuration, backends)
            kept.callback(nginx.stop)
            client = Client(nginx, evidence.timeline, patience=servers.patience)
            kept.push_async_callback(client.leave)
            return Process(client, accounts)

        yield behind_nginx


async def test_behind_nginx(servers, behind_nginx, some):
    process = behind_nginx(_deployed(servers, "nginx.conf"), servers.options)
    room = some.name()
    # nginx sends each to the server with the fewest connections: so they are on two processes.
    ann, bob = await process.arrives(room, "ann"), await process.arrives(room, "bob")
    for speaker, listener in [(ann, bob), (bob, ann)]:
        await speaker.say(text := some.text())
        await listener.heard(text)


async def test_silence_behind_nginx(servers, accounts, behind_nginx, some, lesson):
    configuration = _deployed(servers, "nginx.conf")
    timeout = read_timeout(configuration)
    interval = float(
        re.findall(r'--ws-ping-interval", "(\d+)', _deployed(servers, "Dockerfile"))[0]
    )
    pace = READ_TIMEOUT / timeout
    often = max(interval * pace, 2 * READ_TIMEOUT / PINGS)
    process = behind_nginx(
        with_read_timeout(configuration, READ_TIMEOUT),
        replace(servers.options, ping_interval=often),
    )
    headers = bearer(accounts.token("ann"))
    async with asyncio.timeout(LONG_ENOUGH):
        pings = await count_pings(
            process.visitor.server.origin, room_path(some.name()), PINGS, headers
        )
    if pings < PINGS:
        raise Mismatch(
            lesson.message("longer_than_pings", interval=interval),
            lesson.message("cut_off", timeout=timeout),
        )


def _deployed(servers, name):
    return (servers.project / "deploy" / name).read_text(encoding="utf-8")
