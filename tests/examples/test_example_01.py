"""Lesson 01's kitchen, and what its page says about it."""

import asyncio
import time

import httpx
import pytest


@pytest.fixture
def server(serve):
    return serve("1")


def run(story):
    return asyncio.run(asyncio.wait_for(story, 60))


def browser_of(server):
    return httpx.AsyncClient(base_url=server.origin, trust_env=False, timeout=30)


def ask(server, path):
    return httpx.post(f"{server.origin}/{path}", trust_env=False, timeout=30)


def seconds_for_three(server, path):
    """Ask three times at once, as a button of the page does; return how long that took."""

    async def story():
        async with browser_of(server) as browser:
            began = time.monotonic()
            answers = await asyncio.gather(*(browser.post(path) for _ in range(3)))
            took = time.monotonic() - began
        assert all(answer.status_code == 200 for answer in answers)
        return took

    return run(story())


def test_what_blocks_the_loop_is_done_in_turn(server):
    # Three sleeps of a second, none beside another: it cannot be quicker, on any machine.
    assert seconds_for_three(server, "tea/blocking/") > 2.9


@pytest.mark.parametrize("path", ["tea/sync/", "tea/awaiting/", "breakfast/tomato/", "coffee/"])
def test_the_others_wait_side_by_side(server, path):
    # In turn it is never under three seconds; side by side it is, unless the machine stalls.
    assert any(seconds_for_three(server, path) < 2.9 for _attempt in range(5))


def test_breakfast_comes_in_the_order_of_its_plates(server):
    assert ask(server, "breakfast/tomato/").json() == {
        "plates": ["fried egg", "fried bun", "fried tomato"]
    }


def test_one_failure_costs_the_whole_breakfast(server):
    assert ask(server, "breakfast/shoe/").status_code == 500
    server.stop()
    log = server.log.read_text(encoding="utf-8")
    assert "ValueError: Nobody fries a shoe." in log


def test_orders_are_stored_and_read(server):
    assert ask(server, "orders/soup/").json() == {"latest": ["soup"]}
    assert ask(server, "orders/rice/").json() == {"latest": ["rice", "soup"]}


def test_the_page_asks_for_what_there_is(server):
    page = httpx.get(server.origin, trust_env=False).text
    for path in ("tea/sync/", "tea/blocking/", "tea/awaiting/", "coffee/", "orders/soup/"):
        assert f"<button>{path}</button>" in page
    assert ask(server, "clock/").text.count(":") == 2
