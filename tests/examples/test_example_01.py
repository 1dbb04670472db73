"""Lesson 01's kitchen, and what its page says about it."""

import subprocess
import sys

import httpx
import pytest

from channels_workshop.course.lessons import find_lesson


@pytest.fixture
def server(serve):
    return serve("1")


def ask(server, path):
    return httpx.post(f"{server.origin}/{path}", trust_env=False, timeout=30)


#: Asks the example at once, as often as told, where a sleep is over when three sleep together;
#: prints the statuses. It is given the folder of the example, the path to ask, and how often.
TOGETHER = """
import asyncio, sys, threading, time
import httpx

together, threads = asyncio.Barrier(3), threading.Barrier(3)

async def sleep(seconds):
    await asyncio.wait_for(together.wait(), 30)

asyncio.sleep = sleep
time.sleep = lambda seconds: threads.wait(0 if "blocking" in sys.argv[2] else 30)
sys.path.insert(0, sys.argv[1])
from example import application

async def ask():
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application, raise_app_exceptions=False),
        base_url="http://127.0.0.1",
    ) as browser:
        asked = [browser.post(f"/{sys.argv[2]}") for _ in range(int(sys.argv[3]))]
        answers = await asyncio.gather(*asked)
    print(*(answer.status_code for answer in answers))

asyncio.run(ask())
"""


def three_together(path, asked=3):
    """Return what so many at once are answered, where no sleep is over before three sleep."""
    command = [sys.executable, "-c", TOGETHER, find_lesson("1").folder, path, str(asked)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_what_blocks_the_loop_is_done_in_turn():
    # The first waits for others who cannot even begin.
    assert three_together("tea/blocking/") == ["500", "500", "500"]


@pytest.mark.parametrize("path", ["tea/sync/", "tea/awaiting/", "coffee/"])
def test_the_others_wait_side_by_side(path):
    assert three_together(path) == ["200", "200", "200"]


def test_three_are_fried_at_once():
    assert three_together("breakfast/tomato/", asked=1) == ["200"]


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
