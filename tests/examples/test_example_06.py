"""Lesson 06's doorbell, in two processes with one Redis."""

import asyncio
import json
import time

import httpx
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect

from channels_workshop.processes.redis import STAND_IN, find_program

pytestmark = pytest.mark.skipif(
    find_program()[0] == STAND_IN,
    reason="a Redis is missing: install redis-server or valkey-server",
)


@pytest.fixture
def doorbells(serve, supervisor):
    """Two processes of the example."""
    return [serve("6", REDIS_URL=supervisor.redis.url) for _process in range(2)]


def listen(server):
    return connect(f"ws://127.0.0.1:{server.port}/ws/bell/", origin=server.origin)


async def ring(server, name):
    async with httpx.AsyncClient(base_url=server.origin, trust_env=False) as browser:
        assert 'action="/ring/"' in (await browser.get("/")).text
        return await browser.post("/ring/", data={"name": name})


async def next_text(tab, id):
    """Return the next text that the page is to show in its element `id`."""
    while (frame := json.loads(await tab.recv()))["id"] != id:
        pass
    return frame["text"]


def process_of(clock):
    """Return the process that a text of the clock names."""
    return clock.partition(",")[0]


def test_a_ring_on_one_process_is_heard_on_both(doorbells):
    one, other = doorbells

    async def rung():
        async with listen(one) as ann, listen(other) as bob:
            tabs = ann, bob
            processes = {process_of(await next_text(tab, "clock")) for tab in tabs}
            assert len(processes) == 2
            heard = []
            for server in doorbells:
                assert (await ring(server, "Eve")).status_code == 204
                heard += [await next_text(tab, "bell") for tab in tabs]
            return heard

    heard = asyncio.run(asyncio.wait_for(rung(), 20))
    assert heard[0].startswith("Eve is at the door, ring ")
    assert heard[0] == heard[1] != heard[2] == heard[3]


def test_what_is_rolled_back_is_told_to_nobody(doorbells):
    async def rung():
        async with listen(doorbells[1]) as bob:
            await next_text(bob, "clock")
            refused = await ring(doorbells[0], "")
            assert refused.status_code == 400
            assert "Bad Request (400)" in refused.text
            await ring(doorbells[0], "Eve")
            return await next_text(bob, "bell")

    assert asyncio.run(asyncio.wait_for(rung(), 20)).startswith("Eve is at the door")


def test_the_clock_ticks_beside_the_bell(doorbells):
    """The loop in the task keeps nothing else waiting."""

    async def rung():
        async with listen(doorbells[0]) as ann:
            first = await next_text(ann, "clock")
            await ring(doorbells[0], "Eve")
            await next_text(ann, "bell")
            while await next_text(ann, "clock") == first:
                pass

    asyncio.run(asyncio.wait_for(rung(), 20))


def test_old_rings_are_not_counted(doorbells, supervisor):
    """One of eleven seconds ago is removed by the next."""

    async def rung():
        async with Redis.from_url(supervisor.redis.url) as redis, listen(doorbells[0]) as ann:
            await next_text(ann, "clock")
            await redis.delete("rings")
            await redis.zadd("rings", {"old": time.time() - 11})
            await ring(doorbells[0], "Eve")
            return await next_text(ann, "bell"), await redis.zcard("rings")

    text, kept = asyncio.run(asyncio.wait_for(rung(), 20))
    assert "ring 1 in" in text
    assert kept == 1
