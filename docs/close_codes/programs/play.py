"""Plays the situations of the atlas and prints, as JSON, what was seen.

    python play.py uvicorn|daphne program|browser [--quick]   one server, one client
    python play.py --all > ../captured.json                   all of it, with the versions

`--quick` leaves out what takes long. The browser is the one that the tests find, see CONTRIBUTING.md.
"""

import asyncio
import contextlib
import json
import platform
import sys
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

from channels_workshop.judging.browser import browser
from channels_workshop.judging.needs import find_nginx
from clients import Page, Program
from situations import CLIENTS, SERVERS, SITUATIONS, Situation
from stage import Server, Stage, started

PACKAGES = ["django", "channels", "uvicorn", "daphne", "websockets", "autobahn"]
#: Seconds after which a situation has not ended as it should.
LIMIT = 30


@contextlib.asynccontextmanager
async def new_page(chromium: Any, port: int) -> AsyncIterator[Page]:
    """Give a page of the server at `port`: a browser lets no page from nowhere in here."""
    page = await chromium.new_page()
    await page.goto(f"http://127.0.0.1:{port}/")
    try:
        yield Page(page)
    finally:
        await page.close()


async def play(situation: Situation, server: Server, kind: str, client: Any) -> dict[str, Any]:
    """Play one; return what the client saw, and what the consumer was told."""
    stage = Stage(kind, server)
    async with asyncio.timeout(LIMIT):
        seen = await situation.play(stage, client)
        return {"client": seen, "consumer": await stage.told()}


async def play_all(kind: str, client: str, is_quick: bool) -> dict[str, Any]:
    """Play all situations that such a client can be in, with a server of that kind."""
    wanted = {
        name: each
        for name, each in SITUATIONS.items()
        if client in each.clients and kind in each.servers and not (is_quick and each.is_slow)
    }
    if not find_nginx():
        wanted = {name: each for name, each in wanted.items() if not name.startswith("proxy-")}
    async with started(kind) as server:
        if client == "program":
            return await side_by_side(wanted, server, kind)
        return await one_by_one(wanted, server, kind)


async def side_by_side(wanted: dict[str, Situation], server: Server, kind: str) -> dict[str, Any]:
    """Play situations at the same time, each with a program of its own."""
    async with asyncio.TaskGroup() as group:
        played = {
            name: group.create_task(play(each, server, kind, Program()))
            for name, each in wanted.items()
        }
    return {name: task.result() for name, task in played.items()}


async def one_by_one(wanted: dict[str, Situation], server: Server, kind: str) -> dict[str, Any]:
    """Play situations in turn: a browser that fails often waits before it connects again."""
    played = {}
    async with browser() as chromium:
        for name, each in wanted.items():
            async with new_page(chromium, server.port) as page:
                played[name] = await play(each, server, kind, page)
    return played


async def play_everything() -> dict[str, Any]:
    """Play all of it; return the document that is kept."""
    seen: dict[str, Any] = {}
    for kind in SERVERS:
        for client in CLIENTS:
            for name, document in (await play_all(kind, client, is_quick=False)).items():
                seen.setdefault(name, {}).setdefault(kind, {})[client] = document
    return {"versions": await versions(), "seen": seen}


async def versions() -> dict[str, str]:
    """Return the versions of all that had a say."""
    async with browser() as chromium:
        return {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            "chromium": chromium.version,
        }


def main() -> None:
    if sys.argv[1] == "--all":
        document = asyncio.run(play_everything())
    else:
        kind, client = sys.argv[1:3]
        document = asyncio.run(play_all(kind, client, "--quick" in sys.argv))
    print(json.dumps(document, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
