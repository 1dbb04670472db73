"""Task `origin`: only pages of the project's own hosts may connect."""

from asyncio import gather
from contextlib import suppress

from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from channels_workshop.judging.origins import (
    FOREIGN,
    MISSING,
    NULL,
    OWN,
    caller_with,
    foreign,
    turns_away,
)
from echo import ECHO, other_paths

#: The names under which a browser on this machine may have opened the page.
OWN_NAMES = ["127.0.0.1", "localhost"]


async def test_own_page_comes_in(visitor, some):
    for name in OWN_NAMES:
        origin = f"http://{name}:{visitor.server.port}"
        await visitor.connect(ECHO, who=origin, origin=origin, host=name)
    with agreed("O6"):
        # As behind a proxy that has another name.
        for host in ("elsewhere.example", f"{some.word()}.example", "192.0.2.7"):
            with given(f"Host: {host}:{visitor.server.port}"):
                await visitor.connect(ECHO, who=caller_with(OWN), host=host)
        await _own_pages_come_in(visitor, _beside(visitor.server, some))


async def test_foreign_page_stays_out(visitor, some):
    for origin in foreign(visitor.server, some):
        visitor.timeline.moments.clear()  # what went well is no part of the story
        with agreed("O5" if any(name in origin for name in OWN_NAMES) else "O2"):
            await turns_away(visitor, ECHO, origin)
    await _origin_alone_counts(visitor, f"http://{some.word()}.example", some)


async def test_foreign_name_stays_out(visitor, some):
    # Whoever owns a name may have it lead to this machine: then the browser sends both headers so.
    for host in ("elsewhere.example", f"{some.word()}.example", f"localhost.{some.word()}.example"):
        for origin in (f"http://{host}:{visitor.server.port}", f"http://{host}"):
            with given(f"Host: {host}:{visitor.server.port}, Origin: {origin}"):
                await turns_away(visitor, ECHO, origin, host=host)


async def test_null_origin_stays_out(visitor, some):
    await turns_away(visitor, ECHO, NULL)
    await _origin_alone_counts(visitor, NULL, some)


async def test_missing_origin_stays_out(visitor, some):
    await turns_away(visitor, ECHO, MISSING)
    await _origin_alone_counts(visitor, MISSING, some)


async def _origin_alone_counts(visitor, origin, some):
    """Raise Mismatch if a page comes in that says all that the project's own page says, but its Origin.

    The own page has been there just before, and said it too.
    """
    more = _beside(visitor.server, some)
    with suppress(Mismatch):  # whether it comes in is another check's question
        await _own_pages_come_in(visitor, more)
    path = f"{ECHO}?origin={visitor.server.origin}"
    knocks = [(path, {}), *((ECHO, headers) for headers in more)]
    outcomes = await gather(
        *(turns_away(visitor, path, origin, headers=headers) for path, headers in knocks),
        return_exceptions=True,
    )
    for (path, headers), outcome in zip(knocks, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            visitor.timeline.moments.clear()  # the story is then that one's alone
            with agreed("O6"), given(_told(headers) or path):
                await turns_away(visitor, path, origin, headers=headers)
                raise outcome


async def _own_pages_come_in(visitor, more):
    """Raise Mismatch unless tabs of the own page, each of which says some of `more`, come in."""

    async def comes_in(headers):
        with given(_told(headers)):
            tab = await visitor.connect(ECHO, who=caller_with(OWN), headers=headers)
        await tab.close()

    await gather(*map(comes_in, more))


def _beside(server, some):
    """Return what a handshake may say beside its Origin; none of it stands in for one."""
    own, place = server.origin, f"{server.host}:{server.port}"
    return [
        {"Referer": f"{own}/"},
        {"Cookie": f"csrftoken={some.word()}; sessionid={some.word()}"},
        {"Authorization": f"Bearer {some.word()}"},
        {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "websocket"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Forwarded-Host": place, "X-Forwarded-For": server.host, "X-Forwarded-Proto": "http"},
        {"Forwarded": f'for={server.host};host="{place}";proto=http'},
        # As behind a proxy to which browsers speak TLS.
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
        {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7"},
        {"Sec-WebSocket-Origin": own},  # as drafts of the protocol called it
    ]


def _told(headers):
    return ", ".join(f"{name}: {value}" for name, value in headers.items())


async def test_every_path_is_guarded(visitor, before_runserver, some):
    for path in ["/ws/nowhere/", "/", "/ws/echo", f"{ECHO}?tea=green", *other_paths(some)[:3]]:
        for origin in (FOREIGN[0], f"http://{some.word()}.example", NULL, MISSING):
            with given(path):
                await turns_away(visitor, path, origin)
    # It may have found another application.
    if developer := await before_runserver():
        for origin in (FOREIGN[0], f"http://{some.word()}.example", NULL, MISSING):
            with agreed("A1"), given("runserver"):
                await turns_away(developer, ECHO, origin)


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
