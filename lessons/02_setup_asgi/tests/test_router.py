"""Task `router`: WebSocket goes to the echo, HTTP to Django, and models are there in time."""

import re
from dataclasses import replace
from pathlib import Path

from channels_workshop.judging.mismatch import DoesNotStart, LogExcerpt, Mismatch, agreed, expect
from channels_workshop.judging.texts import around, long, texts
from channels_workshop.processes.options import ServerOptions
from echo import ECHO, answers, comes_back, echoes, other_paths

OVERLAYS = Path(__file__).with_name("overlays")
CONSUMERS = "console/consumers.py"
USES_A_MODEL = "\n# Added by the check.\nimport model_of_the_check\n"
#: What a frame may hold, in bytes, and how many short ones may come in one burst.
MOST, BURST = 1_048_576, 200


async def test_echo_text(visitor, some):
    with agreed("F1"):
        await echoes(visitor, [text.text for text in texts(some)])
    with agreed("P4"):
        for query in ("?tea=green", f"?{some.word()}", "?", "?a=1&a=2&b=%20/ws/"):
            await echoes(visitor, [some.text()], f"{ECHO}{query}")


async def test_echo_binary(visitor, some):
    text = some.text()
    frames = [
        text.encode(),
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
    large = long(200_000, some)
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
BEFORE = 60


async def test_a_dozen_tabs(visitor, some):
    for number in range(BEFORE):
        tab = await visitor.connect(ECHO, who="somebody before")
        if number % 4:
            await tab.send("x" * 5_000 * (number % 3))  # some break off before it has come back
            tab.abort()
        else:
            await tab.close()
    tabs = [await visitor.connect(ECHO, who=f"tab {number}") for number in range(1, 13)]
    await _each_gets_its_own(tabs, some)
    await _each_gets_its_own(tabs[::-1], some)
    # Two who go, one politely and one without a word, and one who comes.
    await tabs.pop(0).close()
    tabs.pop(4).abort()
    tabs.append(await visitor.connect(ECHO, who="tab 13"))
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


async def test_stays_open(visitor, some):
    odd = ["", "{", "[" * 90, "close", "exit", "bye", "\x00", "4404", b"", b"\xff", b"\x00" * 90]
    odd += ['{"type": "websocket.close"}', '{"type": "websocket.disconnect", "code": 1000}']
    tab = await visitor.connect(ECHO)
    for frame in [*odd, "[" * 50_000, *odd]:
        await tab.send(frame)
        await comes_back(tab, frame)
    # What was bad is still answered well later, and so is the two-thousandth.
    for _round in range(20):
        frames = [*odd, *(some.text() for _ in range(100 - len(odd)))]
        some.random.shuffle(frames)
        for frame in frames:
            await tab.send(frame)
        for frame in frames:
            await comes_back(tab, frame)


async def test_http_beside(visitor, some):
    paths = ["/ws/echo/", "/ws/echo", "/ws/", "/ws/echo/?tea=green", f"/static/{some.word()}.js"]
    for path in [*paths, *other_paths(some)]:
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


async def test_its_settings(servers, visit, lesson):
    marked = (OVERLAYS / "marked_settings.py").read_text(encoding="utf-8")
    options = ServerOptions(settings="marked_settings")
    server = servers.variant("marked", {"marked_settings.py": marked}, options)
    answer = await visit(server).get("/")
    if "X-Settings" not in answer.headers and answer.status_code >= 500:  # Django was not asked
        raise Mismatch("GET /: HTTP 200", f"GET /: HTTP {answer.status_code}")
    used = answer.headers.get("X-Settings", "config.settings")
    expect(
        lesson.message("settings", module="marked_settings"),
        lesson.message("settings", module=used),
    )


async def test_runserver_echoes(runserver, visit, some):
    # No empty ones: daphne itself drops them.
    tab = await visit(runserver()).connect(ECHO)
    for frame in (some.text(), some.text().encode(), some.text()):
        await tab.send(frame)
        await comes_back(tab, frame)
