"""The ladder of lesson 05: each way in is served as a person would serve it, and shows its price."""

import contextlib

import pytest

from channels_workshop.chat_checks.accounts import Accounts, Door, Sessions, Shown, bearer, name_of
from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.judging.client import Client, Refused
from channels_workshop.judging.origins import FOREIGN
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

# Left to .ci/run: real servers, and many of them.
pytestmark = pytest.mark.slow

PATH = "/ws/chat/tea/"
NOTHING = Shown("nothing shown")

needs_browser = pytest.mark.skipif(
    not (find_browser() and can_drive()), reason="needs Chromium and playwright"
)


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
async def climb(supervisor, tmp_path):
    """A coroutine function that serves a rung: it returns the door, and the accounts."""
    opened = []

    async def climb(name=None, **environment):
        lesson, project = find_lesson("05"), tmp_path / (name or "reference")
        write_project(lesson, project)
        if name:
            lay_further(lesson, name, project)
        log = tmp_path / f"{project.name}.log"
        server = supervisor.serve(
            project, log, ServerOptions(migrate=True, environment=environment)
        )
        opened.append(Client(server, Timeline()))
        accounts = Accounts(supervisor, project)
        return Door(opened[-1], accounts), accounts

    yield climb
    for client in opened:
        await client.leave()
        client.server.stop()


def by_query(token):
    return Shown("a token in the query", query=f"token={token}")


def log_of(door):
    return door.visitor.server.log_since(0)


def test_each_rung_tells_its_price():
    lesson = find_lesson("05")
    assert lesson.further == ["first_message", "no_guard", "query_token", "recheck", "subprotocol"]
    for name in lesson.further:
        text = (lesson.folder / "further" / name / "README.md").read_text(encoding="utf-8")
        assert "**Its price:**" in text
        assert f"run 05 --further {name}" in text


async def test_the_reference_takes_no_token_from_the_query(climb):
    door, accounts = await climb()
    await door.refuses("tea", by_query(accounts.token("ann")), "hello")


async def test_a_token_in_the_query_is_found_in_the_access_log(climb):
    door, accounts = await climb("query_token")
    token = accounts.token("ann")
    await door.lets_in("ann", "tea", by_query(token), "hello")
    await door.refuses("tea", by_query("bad"), "hello")
    assert f'"WebSocket {PATH}?token={token}" [accepted]' in log_of(door)


async def test_a_subprotocol_is_chosen_and_the_token_is_not(climb):
    door, accounts = await climb("subprotocol")
    token = accounts.token("ann")
    tab = await door.visitor.connect(PATH, subprotocols=["chat", token])
    assert tab.subprotocol == "chat"
    assert token not in str(tab.headers)
    assert (await name_of(tab, "hello")).name == "ann"
    # Strangers get an answer too, and so they get the choice as well.
    stranger = await door.visitor.connect(PATH, subprotocols=["chat", "bad"])
    assert stranger.subprotocol == "chat"
    assert (await name_of(stranger, "hello")).is_refusal
    assert token not in log_of(door)


async def test_no_subprotocol_holds_plain_base64(climb):
    door, _ = await climb("subprotocol")
    for token in ("a/b", "ab=="):
        offer = {"Sec-WebSocket-Protocol": f"chat, {token}"}
        with pytest.raises(Refused) as refusal:
            await door.visitor.connect(PATH, headers=offer)
        assert refusal.value.status == 400


@needs_browser
async def test_a_browser_offers_no_plain_base64():
    async with browser() as chromium:
        page = await chromium.new_page()
        said = await page.evaluate(
            """() => { try { new WebSocket("ws://127.0.0.1:1", ["chat", "a/b"]); }
                       catch (error) { return error.name; } }"""
        )
    assert said == "SyntaxError"


@needs_browser
async def test_a_browser_hangs_up_where_no_subprotocol_is_chosen(climb):
    """The reference chooses none: to a browser that offers some, even its refusal is a 1006."""
    seen = {}
    async with browser() as chromium:
        for name in ("subprotocol", None):
            door, _ = await climb(name)
            page = await chromium.new_page()
            await page.goto(f"{door.visitor.server.origin}/chat/tea/")
            seen[name] = await page.evaluate(
                """(url) => new Promise((resolve) => {
                    const socket = new WebSocket(url, ["chat", "bad"]);
                    socket.onclose = (event) => resolve(event.code);
                })""",
                door.visitor.server.origin.replace("http", "ws") + PATH,
            )
    assert seen == {"subprotocol": 4401, None: 1006}


async def test_the_first_message_says_who_it_is(climb):
    door, accounts = await climb("first_message")
    token = accounts.token("ann")
    for first, name in [({"token": token}, "ann"), ({"token": "bad"}, None), ("tea", None)]:
        tab = await door.connect("tea", NOTHING)
        await tab.send(first)
        answer = await name_of(tab, "hello")
        assert (answer.name, answer.is_refusal) == (name, name is None)
    assert token not in log_of(door)


async def test_strangers_are_held_until_they_speak(climb):
    door, accounts = await climb("first_message", FIRST_MESSAGE_SECONDS="60")
    token = accounts.token("ann")
    # Twenty that have shown nothing are open side by side: each is let in when it speaks at last.
    tabs = [await door.connect("tea", NOTHING) for _ in range(20)]
    for tab in tabs:
        assert not tab.hung_up
        await tab.send({"token": token})
        assert (await name_of(tab, "hello")).name == "ann"


async def test_who_says_nothing_is_let_go_after_the_deadline(climb):
    door, _ = await climb("first_message", FIRST_MESSAGE_SECONDS="0.1")
    tab = await door.connect("tea", NOTHING)
    assert await tab.closed_by_server("4401") == 4401


async def test_without_the_guard_a_foreign_page_speaks_for_anyone_who_is_logged_in(climb):
    for name in ("no_guard", None):
        door, accounts = await climb(name)
        sue = await Sessions(door.visitor.server, accounts, "sue").of("sue")
        # What sue's browser does when a page elsewhere opens a WebSocket to us.
        with contextlib.ExitStack() as stack:
            if name is None:
                stack.enter_context(pytest.raises(Refused, match="403"))
            tab = await door.visitor.connect(PATH, origin=FOREIGN[0], headers=sue.cookies)
            assert (await name_of(tab, "not my words")).name == "sue"


async def test_a_token_in_the_query_beside_one_in_the_header_is_a_bad_credential(climb):
    door, accounts = await climb("query_token")
    token = accounts.token("ann")
    shown = Shown("header and query", bearer(token), f"token={token}")
    await door.refuses("tea", shown, "hello")
