"""Lesson 03's announcement board."""

import asyncio

import httpx
from websockets.asyncio.client import connect


def test_what_one_posts_everyone_sees(serve):
    server = serve("3")
    address = f"ws://127.0.0.1:{server.port}/ws/board/"

    async def both():
        async with (
            connect(address, origin=server.origin) as ann,
            connect(address, origin=server.origin) as bob,
        ):
            async with httpx.AsyncClient(base_url=server.origin, trust_env=False) as browser:
                assert "<form" in (await browser.get("/")).text
                posted = await browser.post("/post/", data={"text": "Tea is ready"})
                assert posted.status_code == 204
            return await ann.recv(), await bob.recv()

    assert asyncio.run(asyncio.wait_for(both(), 20)) == ("Tea is ready", "Tea is ready")
