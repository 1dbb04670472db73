"""Lesson 05's greeting: what the middleware puts into the scope, and whom it answers itself."""

import subprocess
import sys

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from channels_workshop.course.lessons import find_lesson


@pytest.fixture
def greeted(serve):
    """Returns the frames that a visitor gets, and the close code: None while it stays open."""
    server = serve("05")
    page = httpx.get(server.origin, trust_env=False).text
    assert "new WebSocket(`ws://${location.host}/ws/greeting/${location.search}`)" in page

    def greeted(query: str) -> tuple[list[str], int | None]:
        address = f"ws://127.0.0.1:{server.port}/ws/greeting/{query}"
        with connect(address, origin=server.origin, proxy=None) as visitor:
            frames = [visitor.recv(20)]
            try:
                frames.append(visitor.recv(20))
            except ConnectionClosed:
                return frames, visitor.close_code
            return frames, None

    return greeted


@pytest.mark.parametrize(
    ("query", "greeting"),
    [
        ("?lang=de", "Guten Morgen"),
        ("?lang=ru", "Доброе утро"),
        ("", "Good morning"),
        ("?lang=", "Good morning"),  # parse_qsl drops the empty value
    ],
)
def test_the_consumer_finds_the_language_in_its_scope(greeted, query, greeting):
    (first, second), code = greeted(query)
    assert (first, code) == (greeting, None)
    keys = second.removeprefix("The scope holds: ").split(", ")
    assert {"language", "url_route", "query_string"} <= set(keys)
    assert "user" not in keys


def test_an_unknown_language_is_answered_before_the_consumer(greeted):
    assert greeted("?lang=fr") == (["I speak en, de, ru."], 4406)


def test_the_outer_scope_is_left_as_it_was():
    """In a process of its own: the example configures Django."""
    run = subprocess.run(
        [sys.executable, "-c", SHOW_BOTH_SCOPES],
        cwd=find_lesson("05").folder,
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["language", "query_string", "query_string"]


SHOW_BOTH_SCOPES = """
import asyncio
import example

async def inner(scope, receive, send):
    print(*sorted(scope))

outer = {"query_string": b"lang=de"}
asyncio.run(example.LanguageMiddleware(inner)(outer, None, None))
print(*sorted(outer))
"""
