"""Lesson 02's countdown, and what its page says about it."""

import asyncio
import contextlib

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


@pytest.fixture
def server(serve):
    return serve("2")


def address_of(server, path="ws/countdown/"):
    return f"ws://127.0.0.1:{server.port}/{path}"


async def count_down(server, start, **options):
    """Send one frame; return what comes back, and the close code."""
    heard = []
    async with connect(address_of(server), **options) as tab:
        await tab.send(start)
        with contextlib.suppress(ConnectionClosed):
            while True:
                heard.append(await tab.recv())
        return heard, tab.close_code


def test_two_pages_count_down_side_by_side(server):
    shown = []  # by both pages, in the order in which it came

    async def watch(name, tab):
        with contextlib.suppress(ConnectionClosed):
            while True:
                shown.append((name, await tab.recv()))

    async def both():
        async with connect(address_of(server)) as ann, connect(address_of(server)) as bob:
            for tab in (ann, bob):
                await tab.send("3")
            await asyncio.gather(watch("ann", ann), watch("bob", bob))
            return ann.close_code, bob.close_code

    assert asyncio.run(asyncio.wait_for(both(), 20)) == (1000, 1000)
    for name in ("ann", "bob"):
        texts = [text for who, text in shown if who == name]
        assert texts == ["Where do we start? 3, 5 or 10", "3", "2", "1", "Go!"]
    # Both have begun before either is done.
    begun = [shown.index((name, "3")) for name in ("ann", "bob")]
    done = [shown.index((name, "Go!")) for name in ("ann", "bob")]
    assert max(begun) < min(done)


@pytest.mark.parametrize("start", ["soon", b"3"])
def test_another_start_is_closed_with_a_code_of_its_own(server, start):
    assert asyncio.run(asyncio.wait_for(count_down(server, start), 20))[1] == 4400


def test_the_application_is_called_once_for_each_connection(server):
    page = httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False)
    assert "new WebSocket" in page.text
    for _ in range(2):
        asyncio.run(asyncio.wait_for(count_down(server, "soon"), 20))
    server.stop()
    called = [line for line in log_of(server) if line.startswith("called:")]
    assert called == ["called: http /", *["called: websocket /ws/countdown/"] * 2]


def test_another_path_ends_in_an_exception(server):
    async def knock():
        async with connect(address_of(server, "ws/elsewhere/")):
            pass

    with pytest.raises(InvalidStatus, match="500"):
        asyncio.run(asyncio.wait_for(knock(), 20))
    server.stop()
    assert "ValueError: No route found for path 'ws/elsewhere/'." in log_of(server)


def test_a_page_of_any_site_may_count_down(server):
    heard = count_down(server, "soon", origin="http://elsewhere.example")
    assert asyncio.run(asyncio.wait_for(heard, 20))[1] == 4400


def log_of(server):
    return server.log.read_text(encoding="utf-8").splitlines()
