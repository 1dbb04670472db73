"""Lesson 04's raised hands, and what its page says about them."""

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect


@pytest.fixture
def server(serve):
    return serve("4")


def opens(server):
    return connect(f"ws://127.0.0.1:{server.port}/ws/hands/", origin=server.origin)


async def comes_to_see(tab, hands):
    """Read what a tab is shown until it is that number of hands; return the numbers before it."""
    before = []
    while (shown := await tab.recv()) != str(hands):
        before.append(shown)
    return before


def run(story):
    asyncio.run(asyncio.wait_for(story, 20))


def test_everyone_sees_how_many_hands_are_up(server):
    async def story():
        async with opens(server) as ann, opens(server) as bob:
            await ann.send("Ann")
            await comes_to_see(ann, 1)
            await comes_to_see(bob, 1)
            await bob.send("Bob")
            await comes_to_see(ann, 2)
            async with opens(server) as newcomer:
                await comes_to_see(newcomer, 2)

    page = httpx.get(server.origin, trust_env=False)
    assert "Raise my hand" in page.text
    run(story())


def test_two_tabs_of_one_person_are_one_hand(server):
    async def story():
        async with opens(server) as bob, opens(server) as first:
            await first.send("Ann")
            await comes_to_see(bob, 1)
            async with opens(server) as second:
                await second.send("Ann")
            # Bob's own hand is the third thing to happen: nobody showed him 2 or 0 before it.
            await bob.send("Bob")
            assert set(await comes_to_see(bob, 2)) <= {"1"}

    run(story())


@pytest.mark.parametrize("end", ["close", "drop", "crash"])
def test_a_hand_comes_down_when_the_connection_ends(server, end):
    async def story():
        async with opens(server) as bob, opens(server) as ann:
            await ann.send("Ann")
            await comes_to_see(bob, 1)
            if end == "close":
                await ann.close()
            elif end == "drop":
                ann.transport.abort()
            else:
                await ann.send(b"?")
                await ann.wait_closed()
            await comes_to_see(bob, 0)

    run(story())
    if end == "crash":
        server.stop()
        assert "AttributeError" in server.log.read_text(encoding="utf-8")
