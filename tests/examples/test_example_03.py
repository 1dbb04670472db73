"""Lesson 03's notice boards."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.asyncio.client import connect


@pytest.fixture
def board(serve):
    """The served example: how to open a floor's page, and how to post on it."""
    return Board(serve("3"))


class Board:
    def __init__(self, server):
        self.server = server

    def open(self, floor: int):
        address = f"ws://127.0.0.1:{self.server.port}/ws/floors/{floor}/"
        return connect(address, origin=self.server.origin)

    async def post(self, floor: int, text: str, with_token: bool = True) -> int:
        """Post a notice as the page's form does; return the status."""
        async with httpx.AsyncClient(base_url=self.server.origin, trust_env=False) as browser:
            assert "<form" in (await browser.get(f"/{floor}/")).text
            data = {"text": text}
            if with_token:
                data["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
            return (await browser.post(f"/{floor}/", data=data)).status_code


def run(story):
    return asyncio.run(asyncio.wait_for(story, 20))


def test_a_notice_reaches_every_page_of_its_floor_and_no_other(board):
    async def story():
        async with AsyncExitStack() as pages:
            ann, bob, eve = [await pages.enter_async_context(board.open(n)) for n in (1, 1, 2)]
            assert await board.post(1, "Tea is ready") == 204
            assert await board.post(2, "sentinel") == 204
            return [await page.recv() for page in (ann, bob, eve)]

    assert run(story()) == ["Notice: Tea is ready"] * 2 + ["Notice: sentinel"]


def test_thanks_come_back_to_the_sender_too(board):
    async def story():
        async with board.open(1) as ann, board.open(1) as bob:
            await ann.send("thanks")
            return [await ann.recv(), await ann.recv(), await bob.recv()]

    assert run(story()) == ["You said thanks.", "Somebody says thanks.", "Somebody says thanks."]


def test_who_comes_later_gets_only_what_is_posted_later(board):
    async def story():
        async with board.open(1) as ann:
            await board.post(1, "early")
            await ann.recv()
            async with board.open(1) as bob:
                await board.post(1, "late")
                return await bob.recv()

    assert run(story()) == "Notice: late"


def test_a_foreign_page_cannot_post(board):
    assert run(board.post(1, "not from the form", with_token=False)) == 403


def test_the_first_page_is_that_of_floor_1(board):
    assert "<h1>Floor 1</h1>" in httpx.get(board.server.origin, trust_env=False).text
