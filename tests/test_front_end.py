"""What the page about the browser's half says, run in a real Chromium.

The finished chat of lesson 03 is served where the page's script is meant; where the browser itself is,
a WebSocket server in this process does what the sentence needs.
"""

import asyncio
import contextlib
import re
from urllib.parse import quote

import pytest
import pytest_asyncio
from django.utils.html import escape
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.utils import accept_key

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.browser import PATIENCE, browser, can_drive, find_browser
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

# Left to .ci/run, and to a machine that has a browser.
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # one browser for all of them
    pytest.mark.slow,
    pytest.mark.skipif(
        not (find_browser() and can_drive()), reason="needs Chromium and playwright"
    ),
]

ROOM = "/chat/tea/"
#: Rooms whose names mean something to HTML, to JavaScript or in an address.
AWKWARD_ROOMS = [
    "Bed & Breakfast",
    "<!--<script>",
    "<b>tea",
    "back\\slash",
    '"quoted"',
    "what?",
    "#1",
]
AWKWARD_ROOMS += ["50%", "${1}", "чай и кофе"]

#: Waits are noted and over at once; chance is always at its most.
IMPATIENT = """
window.delays = [];
const wait = window.setTimeout;
window.setTimeout = (action, delay) => { window.delays.push(delay); return wait(action, 0); };
Math.random = () => 1;
"""

#: Opens a WebSocket and returns the names of its events, up to the close with its code.
EVENTS = """
(address) => new Promise((done) => {
  const seen = [];
  const socket = new WebSocket(address);
  for (const name of ["open", "message", "error"]) {
    socket.addEventListener(name, () => seen.push(name));
  }
  socket.addEventListener("close", (event) => done([...seen, `close ${event.code}`]));
})
"""


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """Where the finished chat is served, as an origin."""
    folder = tmp_path_factory.mktemp("front_end")
    write_project(find_lesson("03"), folder / "project")
    with Supervisor() as supervisor:
        server = supervisor.serve(folder / "project", folder / "log", ServerOptions())
        yield server.origin
        server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium():
    async with browser() as chromium:
        yield chromium


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium, chat):
    """An empty tab; relative addresses lead to the chat."""
    context = await chromium.new_context(base_url=chat)
    context.set_default_timeout(PATIENCE)
    yield await context.new_page()
    await context.close()


@contextlib.asynccontextmanager
async def listening(handler, **options):
    """Serve `handler` in this process; give its WebSocket address."""
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def _until_closed(connection):
    with contextlib.suppress(ConnectionClosed):
        async for _frame in connection:
            pass


async def _is(page, state):
    await page.locator(f"#status[data-state={state}]").wait_for()


async def _say(page, text):
    await page.locator("#message").fill(text)
    await page.keyboard.press("Enter")


# ---- The room's name, from Django to the script


@pytest.mark.parametrize("room", AWKWARD_ROOMS)
async def test_any_room_gets_into_the_script_and_into_the_address(page, room):
    opened = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    await page.goto(f"/chat/{quote(room, safe='')}/")
    await _is(page, "connected")
    assert await page.evaluate("JSON.parse(document.getElementById('room').textContent)") == room
    assert [url.rpartition("/ws/chat/")[2] for url in opened] == [f"{quote(room, safe='!')}/"]


async def test_the_browser_does_not_run_json(page):
    await page.goto(ROOM)
    await _is(page, "connected")
    script = page.locator("#room")
    assert await script.text_content() == '"tea"'
    assert await script.get_attribute("type") == "application/json"
    source = await (await page.request.get("/chat/Bed & Breakfast/")).text()
    assert r'"Bed \u0026 Breakfast"' in source


async def test_a_name_written_into_a_script_is_another_name_or_an_error(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(error.name))

    async def script_with(room):
        await page.set_content(f'<script>window.shown = "{escape(room)}";</script>')
        return await page.evaluate("window.shown")

    assert await script_with("tea") == "tea"
    assert await script_with("Bed & Breakfast") == "Bed &amp; Breakfast"
    assert await script_with("a\\b") == "a\b"  # a backspace
    assert errors == []
    await script_with("\\")
    assert errors == ["SyntaxError"]


async def test_a_module_runs_late_and_keeps_its_names(page):
    await page.goto(ROOM)
    await _is(page, "connected")
    assert await page.evaluate("typeof socket") == "undefined"
    # Before the element in the text, and yet after it in time.
    module = "<script type=module>window.found = document.getElementById('late');</script>"
    classic = module.replace(" type=module", "").replace("found", "soon")
    await page.set_content(f"{module}{classic}<p id=late>here</p>")
    await page.wait_for_function("window.found")
    assert await page.evaluate("window.soon") is None


# ---- The address


async def test_a_page_over_https_may_not_open_ws(page):
    async def answer(route):
        await route.fulfill(body="<h1>Safe</h1>", content_type="text/html")

    await page.route("https://chat.example/**", answer)
    await page.goto("https://chat.example/")
    opening = "new WebSocket('ws://chat.example/ws/')"
    thrown = await page.evaluate(f"() => {{ try {{ {opening} }} catch (e) {{ return e.name }} }}")
    assert thrown == "SecurityError"


async def test_without_encoding_the_path_ends_at_the_question_mark(page, chat):
    await page.goto("/")
    paths = await page.evaluate(
        """(host) => ["what?", encodeURIComponent("what?")].map((room) => {
          const socket = new WebSocket(`ws://${host}/ws/chat/${room}/`);
          const url = new URL(socket.url);
          socket.close();
          return url.pathname;
        })""",
        chat.partition("//")[2],
    )
    assert paths == ["/ws/chat/what", "/ws/chat/what%3F/"]
    host = chat.partition("//")[2]
    assert (await page.evaluate(EVENTS, f"ws://{host}/ws/chat/what?/"))[-1] == "close 4404"


async def test_a_newer_browser_takes_a_path_alone(page, chat):
    await page.goto("/")
    url = await page.evaluate("() => new WebSocket('/ws/chat/tea/').url")
    assert url == f"ws://{chat.partition('//')[2]}/ws/chat/tea/"


# ---- Events


async def test_a_connection_opens_hears_and_closes(page):
    async def greet(connection):
        await connection.send("hello")
        await connection.close(4400)

    async with listening(greet) as address:
        assert await page.evaluate(EVENTS, address) == ["open", "message", "close 4400"]


async def test_a_refused_handshake_looks_like_a_server_that_is_not_there(page):
    async with listening(
        _until_closed, process_request=lambda connection, request: connection.respond(403, "no")
    ) as address:
        refused = await page.evaluate(EVENTS, address)
    absent = await page.evaluate(EVENTS, address)
    assert refused == absent == ["error", "close 1006"]


async def test_a_refused_room_gets_a_frame_and_4400(page, chat):
    await page.goto("/")
    address = f"ws://{chat.partition('//')[2]}/ws/chat/{'x' * 201}/"
    assert await page.evaluate(EVENTS, address) == ["open", "message", "close 4400"]


async def test_a_page_may_close_with_few_codes(page):
    closing = """async ([address, code]) => {
      const socket = new WebSocket(address);
      await new Promise((open) => socket.addEventListener("open", open));
      try { socket.close(code) } catch (error) { return error.name }
    }"""
    async with listening(_until_closed) as address:
        for code, thrown in ((1000, None), (3000, None), (4999, None), (1001, True), (1012, True)):
            name = await page.evaluate(closing, [address, code])
            assert name == ("InvalidAccessError" if thrown else None), code


# ---- Frames


async def test_a_frame_is_text_and_sending_takes_an_open_connection(page):
    async def echo(connection):
        await connection.send(await connection.recv())
        await connection.close()

    said = """(address) => new Promise((done) => {
      const seen = {};
      const socket = new WebSocket(address);
      try { socket.send("early") } catch (error) { seen.early = error.name }
      socket.addEventListener("open", () => socket.send(JSON.stringify({ message: "чай" })));
      socket.addEventListener("message", (event) => {
        seen.type = typeof event.data;
        seen.message = JSON.parse(event.data).message;
      });
      socket.addEventListener("close", () => {
        socket.send("late");
        seen.late = socket.bufferedAmount;
        done(seen);
      });
    })"""
    async with listening(echo) as address:
        assert await page.evaluate(said, address) == {
            "early": "InvalidStateError",  # while it is connecting
            "type": "string",
            "message": "чай",
            "late": 4,  # no exception: it is dropped, and counted for ever
        }


async def test_an_object_that_is_sent_as_it_is_becomes_a_useless_text(page):
    heard = asyncio.get_running_loop().create_future()

    async def hear(connection):
        heard.set_result(await connection.recv())

    async with listening(hear) as address:
        await page.evaluate(
            """(address) => {
              const socket = new WebSocket(address);
              socket.addEventListener("open", () => socket.send({ message: "hello" }));
            }""",
            address,
        )
        assert await asyncio.wait_for(heard, PATIENCE / 1000) == "[object Object]"


async def test_a_frame_of_an_unknown_type_is_ignored(page):
    async def greet(socket):
        socket.send('{"type": "news", "message": "strange"}')
        socket.send('{"message": "known"}')

    await page.route_web_socket("**/ws/chat/**", greet)
    await page.goto(ROOM)
    await page.get_by_text("known").wait_for()
    assert await page.locator("#log").inner_text() == "known"
    assert await page.locator("#notice").text_content() == ""


# ---- Text, not markup


async def test_text_content_shows_markup_and_inner_html_runs_it(page):
    await page.goto(ROOM)
    await _is(page, "connected")
    await _say(page, "<b>hello</b>")
    await page.get_by_text("<b>hello</b>").wait_for()
    assert await page.locator("#log b").count() == 0

    attack = '<img src="x" onerror="window.robbed = true">'
    await page.evaluate("(attack) => { log.textContent = attack; }", attack)
    assert await page.locator("#log img").count() == 0
    # A script in innerHTML is not run; a handler of an element is.
    script = "<script>window.ran = true;</script>"
    await page.evaluate("(html) => { log.innerHTML = html; }", script + attack)
    await page.wait_for_function("window.robbed")
    assert await page.evaluate("window.ran") is None


# ---- Cut off, and back


@pytest_asyncio.fixture(loop_scope="module")
async def line(page):
    """The page's connections to the chat, in order: each can be cut, and later ones held back."""

    class Line:
        def __init__(self):
            self.sockets = []
            self.is_down = False

        async def route(self, socket):
            if self.is_down:
                await socket.close(code=1012)
                return
            self.sockets.append((socket, socket.connect_to_server()))

        async def cut(self):
            self.is_down = True
            for socket, server in self.sockets:
                await server.close()
                await socket.close(code=1012)
            self.sockets.clear()

    line = Line()
    await page.route_web_socket("**/ws/chat/**", line.route)
    return line


async def test_a_message_stays_in_the_input_until_it_comes_back(page, line):
    await page.goto(ROOM)
    await _is(page, "connected")
    await _say(page, "hello")
    await page.get_by_text("hello").wait_for()
    assert await page.locator("#message").input_value() == ""
    await line.cut()
    await _is(page, "waiting")
    assert (await page.locator("#status").text_content()).startswith("Reconnecting in ")
    await _say(page, "is anybody there?")
    await page.get_by_text("Not sent: there was no connection.").wait_for()
    assert await page.locator("#message").input_value() == "is anybody there?"
    line.is_down = False
    await _is(page, "connected")
    await page.get_by_text("Reconnected. What was said meanwhile is not shown.").wait_for()
    assert await page.locator("#message").input_value() == "is anybody there?"
    # The notice about that text stays beside it.
    assert "Not sent" in await page.locator("#notice").text_content()


async def test_a_message_that_is_not_answered_is_said_so(page):
    # A server that takes everything and says nothing.
    await page.route_web_socket("**/ws/chat/**", lambda socket: socket.on_message(lambda _: None))
    await page.clock.install()
    await page.goto(ROOM)
    await _is(page, "connected")
    await _say(page, "hello")
    await page.clock.run_for(2_900)
    assert await page.locator("#notice").text_content() == ""
    await page.clock.run_for(200)
    assert await page.locator("#notice").text_content() == "No answer yet. Send it again."
    assert await page.locator("#message").input_value() == "hello"


async def test_the_limit_of_the_delay_doubles_up_to_fifteen_seconds(page):
    await page.add_init_script(IMPATIENT)
    await page.route_web_socket("**", lambda socket: socket.close(code=1012))
    await page.goto(ROOM)
    await page.wait_for_function("window.delays.length >= 6")
    delays = await page.evaluate("window.delays.slice(0, 6)")
    assert delays == [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]


async def test_only_a_connection_that_lasts_starts_the_delays_anew(page):
    opened = asyncio.Queue()
    await page.route_web_socket("**/ws/chat/**", opened.put_nowait)
    await page.clock.install()
    await page.add_init_script("Math.random = () => 1;")
    await page.goto(ROOM)

    async def is_cut(then_waits):
        socket = await asyncio.wait_for(opened.get(), PATIENCE / 1000)
        await _is(page, "connected")
        if then_waits == 1:
            await page.clock.run_for(5_000)
        await socket.close(code=1012)
        await page.get_by_text(f"Reconnecting in {then_waits} s").wait_for()
        await page.clock.run_for(then_waits * 1_000)

    for seconds in (1, 2, 4, 1, 2):
        await is_cut(then_waits=seconds)


@pytest.mark.parametrize(
    ("code", "said"),
    [(4400, "This room name is refused"), (4404, "There is no chat at this address")],
)
async def test_after_a_final_close_the_page_does_not_come_back(page, code, said):
    attempts = []

    async def close(socket):
        attempts.append(socket.url)
        await socket.close(code=code)

    await page.add_init_script(IMPATIENT)
    await page.route_web_socket("**", close)
    await page.goto(ROOM)
    await page.get_by_text(said).wait_for()
    await _is(page, "closed")
    assert await page.evaluate("window.delays") == []
    assert len(attempts) == 1


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013])
async def test_after_another_close_it_does(page, code):
    async def close(socket):
        await socket.close(code=code)

    await page.add_init_script(IMPATIENT)
    await page.route_web_socket("**", close)
    await page.goto(ROOM)
    await page.wait_for_function("window.delays.length >= 2")


# ---- What the browser does by itself


async def test_the_browser_answers_a_ping_and_the_page_sees_nothing(page):
    async def ping(connection):
        await (await connection.ping())
        await connection.close()

    async with listening(ping) as address:
        assert await page.evaluate(EVENTS, address) == ["open", "close 1000"]
    assert await page.evaluate("'ping' in WebSocket.prototype") is False


@contextlib.asynccontextmanager
async def deaf_server():
    """Give the address of a server that makes the handshake and then reads nothing."""
    writers = []

    async def shake_hands(reader, writer):
        writers.append(writer)
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = re.search(r"^Sec-WebSocket-Key: (.+)\r$", request, re.MULTILINE)[1]
        writer.transport.pause_reading()
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n\r\n"
        )

    async with await asyncio.start_server(shake_hands, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for writer in writers:
            writer.transport.abort()


async def test_send_returns_at_once_and_buffered_amount_counts_bytes(page):
    amounts = """(address) => new Promise((done) => {
      const socket = new WebSocket(address);
      const frame = "x".repeat(1_000_000);
      socket.addEventListener("open", () => {
        socket.send("чай");
        const word = socket.bufferedAmount;
        for (let n = 0; n < 32; n += 1) socket.send(frame);
        done([word, socket.bufferedAmount]);
        window.socket = socket;
      });
    })"""
    async with deaf_server() as address:
        assert await page.evaluate(amounts, address) == [6, 32_000_006]
        # What the system takes is gone from it; most stays where it is.
        await page.wait_for_function("socket.bufferedAmount < 32_000_006")
        assert await page.evaluate("socket.bufferedAmount") > 1_000_000


@pytest.mark.parametrize(
    ("leaving", "code"),
    [
        ("location.reload()", 1001),
        ("location.href = 'about:blank'", 1001),
        ("socket.close()", 1005),
        ("socket.close(1000)", 1000),
    ],
)
async def test_leaving_a_page_closes_with_1001(page, leaving, code):
    ended = asyncio.get_running_loop().create_future()

    async def note(connection):
        await _until_closed(connection)
        ended.set_result(connection.close_code)

    async with listening(note) as address:
        await page.goto("/")
        await page.evaluate(
            """(address) => new Promise((done) => {
              window.socket = new WebSocket(address);
              socket.addEventListener("open", done);
            })""",
            address,
        )
        with contextlib.suppress(Exception):  # the page that should answer is gone
            await page.evaluate(f"() => {{ {leaving} }}")
        assert await asyncio.wait_for(ended, PATIENCE / 1000) == code


async def test_a_closed_tab_closes_with_1001(page):
    ended = asyncio.get_running_loop().create_future()

    async def note(connection):
        await _until_closed(connection)
        ended.set_result(connection.close_code)

    async with listening(note) as address:
        await page.evaluate(
            """(address) => new Promise((done) => {
              new WebSocket(address).addEventListener("open", done);
            })""",
            address,
        )
        await page.close()
        assert await asyncio.wait_for(ended, PATIENCE / 1000) == 1001


async def test_after_back_the_page_is_connected_again(page):
    await page.goto(ROOM)
    await _is(page, "connected")
    await page.goto("/")
    await page.go_back()
    await _is(page, "connected")
    await _say(page, "here again")
    await page.get_by_text("here again").wait_for()
