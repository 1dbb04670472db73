"""Task `origin`: only pages of the project's own hosts may connect."""

from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from channels_workshop.judging.origins import FOREIGN, MISSING, NULL, foreign, turns_away
from echo import ECHO, other_paths

#: The names under which a browser on this machine may have opened the page.
OWN_NAMES = ["127.0.0.1", "localhost"]


async def test_own_page_comes_in(visitor):
    for name in OWN_NAMES:
        origin = f"http://{name}:{visitor.server.port}"
        await visitor.connect(ECHO, who=origin, origin=origin, host=name)


async def test_foreign_page_stays_out(visitor, some):
    for origin in foreign(visitor.server, some):
        visitor.timeline.moments.clear()  # what went well is no part of the story
        with agreed("O5" if any(name in origin for name in OWN_NAMES) else "O2"):
            await turns_away(visitor, ECHO, origin)


async def test_foreign_name_stays_out(visitor, some):
    # Whoever owns a name may have it lead to this machine: then the browser sends both headers so.
    for host in ("elsewhere.example", f"{some.word()}.example", f"localhost.{some.word()}.example"):
        for origin in (f"http://{host}:{visitor.server.port}", f"http://{host}"):
            with given(f"Host: {host}:{visitor.server.port}, Origin: {origin}"):
                await turns_away(visitor, ECHO, origin, host=host)


async def test_null_origin_stays_out(visitor):
    await turns_away(visitor, ECHO, NULL)


async def test_missing_origin_stays_out(visitor):
    await turns_away(visitor, ECHO, MISSING)


async def test_every_path_is_guarded(visitor, some):
    for path in ["/ws/nowhere/", "/", "/ws/echo", f"{ECHO}?tea=green", *other_paths(some)[:3]]:
        for origin in (FOREIGN[0], f"http://{some.word()}.example", NULL, MISSING):
            with given(path):
                await turns_away(visitor, path, origin)


async def test_http_needs_no_origin(visitor, some):
    # Whether there is a page is another check's question: here all are to get the same answer.
    for path in ("/nowhere/", "/", ECHO, "/ws/nowhere/", "/static/console/console.js"):
        without = (await visitor.get(path)).status_code
        if path == "/nowhere/" and without >= 500:  # not even Django's own "no"
            raise Mismatch(f"GET {path}: HTTP 404", f"GET {path}: HTTP {without}")
        for origin in (FOREIGN[0], NULL, f"http://{some.word()}.example", visitor.server.origin):
            answer = await visitor.get(path, headers={"Origin": origin})
            expect(
                f"GET {path}, Origin: {origin}: HTTP {without}",
                f"GET {path}, Origin: {origin}: HTTP {answer.status_code}",
            )
