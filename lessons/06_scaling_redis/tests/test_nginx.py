"""The chat behind `deploy/nginx.conf`. That is given, so nothing here earns points."""

import asyncio
import re

from channels_workshop.checking.accounts import bearer
from channels_workshop.checking.agreement import Departure
from channels_workshop.checking.proxied import count_pings, read_timeout, with_read_timeout

#: Seconds: what the read timeout is cut down to, and the pings with it. Twice it has to go by.
READ_TIMEOUT = 3
PINGS = 6
#: Seconds within which they have come, or the connection was cut off.
LONG_ENOUGH = 60


async def test_behind_nginx(session, door, some):
    process = door(_deployed(session, "nginx.conf"))
    room = some.room()
    # nginx sends each to whoever has the fewest connections: so they are on two processes.
    ann, bob = await process.arrives(room, "ann"), await process.arrives(room, "bob")
    for speaker, listener in [(ann, bob), (bob, ann)]:
        await speaker.say(text := some.text())
        await listener.heard(text)


async def test_silence_behind_nginx(session, accounts, door, some):
    configuration = _deployed(session, "nginx.conf")
    timeout = read_timeout(configuration)
    interval = float(
        re.findall(r'--ws-ping-interval", "(\d+)', _deployed(session, "Dockerfile"))[0]
    )
    pace = READ_TIMEOUT / timeout
    process = door(
        with_read_timeout(configuration, READ_TIMEOUT),
        ping_interval=max(interval * pace, 2 * READ_TIMEOUT / PINGS),
    )
    path = f"/ws/chat/{some.room()}/"
    headers = bearer(accounts.token("ann"))
    async with asyncio.timeout(LONG_ENOUGH):
        pings = await count_pings(process.visitor.server.origin, path, PINGS, headers)
    if pings < PINGS:
        raise Departure(
            f"proxy_read_timeout > {interval:g} s",
            f"proxy_read_timeout = {timeout:g} s; ann ← 1006",
        )


def _deployed(session, name):
    return (session.project / "deploy" / name).read_text(encoding="utf-8")
