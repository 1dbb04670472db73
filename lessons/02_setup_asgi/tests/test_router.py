"""Task `router`: WebSocket goes to the echo, HTTP to Django, and models are there in time."""

import re
from asyncio import gather
from dataclasses import replace
from pathlib import Path

from channels_workshop.judging.mismatch import (
    DoesNotStart,
    LogExcerpt,
    Mismatch,
    agreed,
    expect,
    given,
)
from channels_workshop.judging.texts import around, long, texts
from channels_workshop.processes.options import ServerOptions
from console_page import opens_whole
from echo import ECHO, answers, comes_back, described, echoes, other_paths

OVERLAYS = Path(__file__).with_name("overlays")
CONSUMERS = "console/consumers.py"
USES_A_MODEL = "\n# Added by the check.\nimport model_of_the_check\n"
#: What a frame may hold, in bytes, and how many short ones may come in one burst.
MOST, BURST = 1_048_576, 200
#: So many of the largest frames go over one connection.
LARGE_ONES = 40
#: Seconds for which tabs are silent.
SILENCE = 60 * 60


async def test_echo_text(visitor, some):
    with agreed("F1"):
        await echoes(visitor, [text.text for text in texts(some)])
    with agreed("P4"):
        for query in ("?tea=green", f"?{some.word()}", "?", "?a=1&a=2&b=%20/ws/"):
            await echoes(visitor, [some.text()], f"{ECHO}{query}")


async def test_echo_binary(visitor, some):
    text = some.text()
    frames = [
        some.text().encode(),
        b"",
        text.encode("utf-16"),  # with a byte order mark, and no UTF-8
        b'{"message": "hello"}',
        b"\x00",
        b"\xef\xbb\xbf",
        b"line\r\nends\n",
        bytes(range(256)),
        *(bytes([byte]) for byte in (0x00, 0x0A, 0x20, 0x7F, 0x80, 0xFF)),
        *(some.random.randbytes(length) for length in (1, 2, 125, 126, 127, 1_000)),
    ]
    # The kind of the frame before has no say in the next one's.
    await echoes(visitor, [frame for one in frames for frame in (one, one, text)])


async def test_every_frame_once(visitor, some):
    tab = await visitor.connect(ECHO)
    same = some.text()
    bursts = [[same, same, same.encode(), same.encode(), same, "", "", b"", b"", "", same], []]
    for burst in bursts:
        burst += [f"{number} {some.text()}" for number in range(len(burst), BURST)]
    with agreed("F3"):
        # Had more come than was sent, it would stand before the next.
        for frame in [*bursts[0][:20], some.text()]:
            await tab.send(frame)
            await comes_back(tab, frame)
    for burst in bursts:
        for frame in burst:
            await tab.send(frame)
        for frame in burst:
            await comes_back(tab, frame)
    # A large one is overtaken by no small one.
    large = some.random.randbytes(MOST // 2).hex()
    mixed = [large, "after it", large.encode(), b"after it", some.text(), large, ""]
    for frame in mixed:
        await tab.send(frame)
    for frame in mixed:
        await comes_back(tab, frame)
    await tab.send(last := some.text())
    await comes_back(tab, last)


async def test_large_frames(visitor, some):
    short_of_it = [126, 65_536, 131_072]
    sizes = [text.text for size in short_of_it for text in around(size, some)]
    for filling in ("ж", "🫖", "e\u0301"):
        sizes += [text.text for text in around(65_536, some, filling, unit="bytes")]
        sizes += [text.text for text in around(65_536, some, filling)]
    sizes += [some.random.randbytes(size) for size in (65_535, 65_536, 65_537, MOST - 1, MOST)]
    sizes += [long(size, some, unit="bytes") for size in (MOST - 1, MOST)]
    sizes += [long(MOST, some, filling, unit="bytes") for filling in ("ж", "🫖")]
    # In memory Python takes four bytes for each character as soon as one needs them.
    sizes += ["🫖" + long(MOST - 4, some, unit="bytes")]
    await echoes(visitor, sizes)


#: So many come and go before the dozen: who gives their places to no one else has run out of them then.
#: Half of them break off; the others say something and close, without a pause.
BEFORE = 240
#: And so many of them at a time, which leaves places for those who have gone just now.
TOGETHER = 4
#: Codes with which the others close.
GOODBYES = [1000, 1001, 4000]


async def test_a_dozen_tabs(visitor, some):
    """Tabs of one browser among them: nothing but their connections tells them from one another."""
    browser = {
        "Cookie": f"csrftoken={some.word()}; sessionid={some.word()}",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Accept-Language": "de,en;q=0.5",
    }
    places = [(ECHO, browser), (f"{ECHO}?tab={some.word()}", browser), (ECHO, {})]

    async def open_one(number, who):
        path, headers = places[number % len(places)]
        return await visitor.connect(path, who=who, headers=headers)

    async def come_and_go(number):
        tab = await open_one(number, "somebody before")
        await tab.send("x" * 5_000 * (number % 3))  # some are gone before it has come back
        if number % 2:
            tab.abort()
        else:
            await tab.close(GOODBYES[number // 2 % len(GOODBYES)])

    for begin in range(0, BEFORE, TOGETHER):
        await gather(*map(come_and_go, range(begin, begin + TOGETHER)))
    visitor.timeline.moments.clear()  # the story is that of the dozen
    tabs = [await open_one(number, f"tab {number}") for number in range(1, 13)]
    await _each_gets_its_own(tabs, some)
    await _each_gets_its_own(tabs[::-1], some)
    # Some who go, politely or without a word, and one who comes: those that are like them stay.
    await tabs.pop(0).close()
    tabs.pop(4).abort()
    await tabs.pop().close()
    for _time in range(2):  # by the second time at the latest they are known to have gone
        await _each_gets_its_own(tabs, some)
    tabs.append(await open_one(1, "tab 13"))
    await _each_gets_its_own(tabs, some)


async def _each_gets_its_own(tabs, some):
    """Raise Mismatch unless frames that are sent on all `tabs` come back each on its own."""
    said = [(tab, [some.text(), f"{tab.who} {some.word()}", b"\x00"]) for tab in tabs]
    for tab, frames in said:
        for frame in frames:
            await tab.send(frame)
    for tab, frames in reversed(said):
        for frame in frames:
            await comes_back(tab, frame)


async def test_stays_open(visitor, before_passing, some):
    odd = ["", "{", "[" * 90, "close", "exit", "bye", "\x00", "4404", b"", b"\xff", b"\x00" * 90]
    odd += ['{"type": "websocket.close"}', '{"type": "websocket.disconnect", "code": 1000}']
    tab = await visitor.connect(ECHO)
    for frame in [*odd, "[" * 50_000, *odd]:
        await tab.send(frame)
        await comes_back(tab, frame)
    # What was bad is still answered well later, and so is the two-thousandth.
    for past in range(0, 2_000, 100):
        frames = [*odd, *(some.text() for _ in range(100 - len(odd)))]
        some.random.shuffle(frames)
        for frame in frames:
            await tab.send(frame)
        for number, frame in enumerate(frames, past + 1):
            await comes_back(tab, frame, f"{number}: {described(frame)}")
    # However much it all comes to.
    large = some.random.randbytes(MOST)
    for number in range(1, LARGE_ONES + 1):
        await tab.send(large)
        await comes_back(tab, large, f"{number} × {MOST} B")
    if before := await before_passing():
        await _stays_open_in_silence(*before, some)


async def _stays_open_in_silence(visitor, let_pass, some):
    """An hour without a word, of one who has said something and of one who has not."""
    visitor.timeline.moments.clear()
    tabs = [await visitor.connect(ECHO, who=who) for who in ("has spoken", "has not spoken")]
    await tabs[0].send(text := some.text())
    await comes_back(tabs[0], text)
    await let_pass(SILENCE)
    with given(f"{SILENCE} s"):
        for tab in tabs:
            await tab.send(text := some.text())
            await comes_back(tab, text)


async def test_http_beside(visitor, some):
    paths = ["/ws/echo/", "/ws/echo", "/ws/", "/ws/echo/?tea=green"]
    # Neither a file that is not there nor a folder that is.
    static = [f"/static/{some.word()}.js", "/static/console"]
    for path in [*paths, *static, *other_paths(some)]:
        await answers(visitor, path, 404)


async def test_models_are_ready(servers, visit, some, lesson):
    own = servers.project / CONSUMERS
    text = own.read_text(encoding="utf-8") if own.is_file() else ""
    model = (OVERLAYS / "model_of_the_check.py").read_text(encoding="utf-8")
    overlay = {CONSUMERS: text + USES_A_MODEL, "model_of_the_check.py": model}
    try:
        server = servers.variant("models", overlay)
    except DoesNotStart as failed:
        mismatch = Mismatch(lesson.message("starts_with_a_model"), failed.actual)
        mismatch.log = _without_our_lines(failed.log)
        raise mismatch from None
    await echoes(visit(server), [some.text(), b"\x00"])


#: A frame of a traceback that does not stand in `config/asgi.py`, with the code below it.
_ELSEWHERE = re.compile(r'^  File "(?!.*\bconfig[/\\]asgi\.py").*\n(?:    .*\n)*', re.MULTILINE)


def _without_our_lines(log: LogExcerpt | None) -> LogExcerpt | None:
    """Return what a server has printed, so that it shows the import that comes too early.

    That stands in `config/asgi.py`. The frames below lead to the line that this check has added.
    """
    if log and "model_of_the_check" in log.text:
        return replace(log, text=_ELSEWHERE.sub("", log.text))
    return log


async def test_its_settings(servers, visitor, visit, lesson):
    marked = (OVERLAYS / "marked_settings.py").read_text(encoding="utf-8")
    options = ServerOptions(settings="marked_settings")
    told = visit(servers.variant("marked", {"marked_settings.py": marked}, options))
    answer = await told.get("/")
    if "X-Settings" not in answer.headers and answer.status_code >= 500:  # Django was not asked
        raise Mismatch("GET /: HTTP 200", f"GET /: HTTP {answer.status_code}")
    used = answer.headers.get("X-Settings", "config.settings")
    expect(
        lesson.message("settings", module="marked_settings"),
        lesson.message("settings", module=used),
    )
    try:
        await opens_whole(visitor, lesson)
    except Mismatch:  # with its own settings neither: that is another check's question
        return
    told.timeline.moments.clear()
    # What of the project asks another module than the one in use, looks for its files elsewhere.
    await opens_whole(told, lesson, "A3")


async def test_runserver_echoes(runserver, visit, some):
    # No empty ones: daphne itself drops them.
    with given("runserver"):
        tab = await visit(runserver()).connect(ECHO)
    for frame in (some.text(), some.text().encode(), some.text()):
        await tab.send(frame)
        await comes_back(tab, frame)
