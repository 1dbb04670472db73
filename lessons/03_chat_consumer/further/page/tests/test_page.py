"""Browser checks for a page that you have written yourself: `chat/static/chat/chat.js`.

They serve the finished chat of lesson 03 with that one file of yours. They earn no points.
"""

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

import pytest

pytest.importorskip("playwright", reason="the extra `browser` is missing")

from playwright.async_api import expect

from channels_workshop.course.copies import lay_over, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.judging.browser import browser, find_browser
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium or Chrome was found")

OVERLAY = Path(__file__).resolve().parents[1]
SCRIPT = "chat/static/chat/chat.js"
PATIENCE = 5_000  # milliseconds
ATTEMPTS = 4

#: Waits are noted and over at once.
IMPATIENT = """
window.delays = [];
window.wait = window.setTimeout;
window.setTimeout = (action, delay) => { window.delays.push(delay); return wait(action, 0); };
"""


@pytest.fixture(scope="session")
def address(pytestconfig, tmp_path_factory):
    """Where the chat is served, with the script of `--target`; without one, with the finished script."""
    target = Path(pytestconfig.getoption("--target") or OVERLAY)
    mine = [path for path in files_below(target) if path.as_posix() == SCRIPT]
    assert mine, f"{target} has no {SCRIPT}: name the folder with manage.py in it"
    folder = tmp_path_factory.mktemp("page")
    write_project(find_lesson("03"), folder / "project")
    lay_over(target, folder / "project", mine)
    with Supervisor() as supervisor:
        server = supervisor.serve(folder / "project", folder / "log", ServerOptions())
        yield server.origin
        server.stop()


@pytest.fixture(scope="session")
async def chromium():
    async with browser() as chromium:
        yield chromium


@pytest.fixture
async def open_tab(chromium, address):
    """A function that opens an empty tab; relative addresses lead to the chat."""
    contexts = []

    async def open_tab():
        contexts.append(await chromium.new_context(base_url=address))
        contexts[-1].set_default_timeout(PATIENCE)
        return await contexts[-1].new_page()

    yield open_tab
    for context in contexts:
        await context.close()


async def has_state(page, state):
    await expect(page.locator("#status")).to_have_attribute("data-state", state)


async def say(page, text):
    await page.locator("#message").fill(text)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("room", ["tea", "Bed & Breakfast", "what?"])
async def test_it_connects(open_tab, room):
    page = await open_tab()
    await page.goto(f"/chat/{quote(room)}/")
    await has_state(page, "connected")
    # The room that it has joined is the one in its address.
    other = await open_tab()
    await other.goto(f"/chat/{quote(room)}/")
    await has_state(other, "connected")
    await say(other, "are you here?")
    await expect(page.locator("#log")).to_have_text("are you here?")


async def test_a_message_reaches_both_tabs_once(open_tab):
    ann, bob = await open_tab(), await open_tab()
    for page in (ann, bob):
        await page.goto("/chat/once/")
        await has_state(page, "connected")
    await say(ann, "hello")
    await say(bob, "goodbye")
    for page in (ann, bob):
        await expect(page.locator("#log > *")).to_have_text(["hello", "goodbye"])


async def test_markup_stays_text(open_tab):
    page = await open_tab()
    await page.goto("/chat/markup/")
    await has_state(page, "connected")
    markup = '<b>bold</b> <img src="x" onerror="window.robbed = true">'
    await say(page, markup)
    await expect(page.locator("#log")).to_have_text(markup)
    await expect(page.locator("#log :is(b, img)")).to_have_count(0)


async def test_an_error_is_shown(open_tab):
    page = await open_tab()
    await page.goto("/chat/errors/")
    await has_state(page, "connected")
    await say(page, "")
    await expect(page.locator("#notice")).to_have_text("The message is empty.")
    await expect(page.locator("#log > *")).to_have_count(0)


async def test_a_frame_of_an_unknown_type_is_not_shown(open_tab):
    page = await open_tab()

    async def speak(socket):
        socket.send(json.dumps({"type": "news", "message": "strange"}))
        socket.send(json.dumps({"message": "known"}))

    await page.route_web_socket("**", speak)
    await page.goto("/chat/types/")
    await expect(page.locator("#log > *")).to_have_text(["known"])


async def test_without_a_connection_the_text_is_kept(open_tab):
    page = await open_tab()
    await page.add_init_script("window.setTimeout = () => 0;")  # it waits for ever
    await page.route_web_socket("**", lambda socket: socket.close(code=1012))
    await page.goto("/chat/kept/")
    await has_state(page, "waiting")
    await say(page, "hello")
    await expect(page.locator("#notice")).not_to_be_empty()
    await expect(page.locator("#message")).to_have_value("hello")


@pytest.mark.parametrize("code", [1012, 1000])
async def test_it_comes_back(open_tab, code):
    page = await open_tab()
    sockets = asyncio.Queue()

    async def connect(socket):
        socket.connect_to_server()
        await sockets.put(socket)

    await page.route_web_socket("**", connect)
    await page.goto("/chat/back/")
    await has_state(page, "connected")
    await (await sockets.get()).close(code=code)
    await asyncio.wait_for(sockets.get(), 3 * PATIENCE / 1000)
    await has_state(page, "connected")
    await say(page, "here again")
    await expect(page.locator("#log")).to_contain_text("here again")


async def test_its_delays_are_random_and_grow(open_tab):
    async def delays(chance):
        page = await open_tab()
        await page.add_init_script(IMPATIENT)
        await page.add_init_script(chance)
        await page.route_web_socket("**", lambda socket: socket.close(code=1012))
        await page.goto("/chat/delays/")
        await page.wait_for_function(f"window.delays.length >= {ATTEMPTS}")
        return (await page.evaluate("window.delays"))[:ATTEMPTS]

    assert await delays("") != await delays(""), "two tabs wait for the same times"
    always_most = await delays("Math.random = () => 0.999;")
    assert always_most == sorted(set(always_most)), "each delay may be longer than the one before"


@pytest.mark.parametrize("code", [4400, 4404])
async def test_it_stays_away(open_tab, code):
    page = await open_tab()
    attempts = []

    async def close(socket):
        attempts.append(socket.url)
        await socket.close(code=code)

    await page.add_init_script(IMPATIENT)
    await page.route_web_socket("**", close)
    await page.goto("/chat/away/")
    await has_state(page, "closed")
    # Whatever it has planned is over by now, since each wait takes no time.
    rounds = (
        "async () => { for (let n = 0; n < 20; n += 1) await new Promise((on) => wait(on, 0)); }"
    )
    await page.evaluate(rounds)
    assert len(attempts) == 1, "it connected again"
