"""Task `not_found`: a path that leads nowhere is answered, and the echo is where it was."""

import asyncio
from contextlib import suppress

from channels_workshop.judging.mismatch import Mismatch, RanOut, agreed, given
from channels_workshop.judging.patience import Patience
from echo import (
    ECHO,
    NOT_FOUND,
    closes,
    comes_back,
    compare_with_reference,
    echoes,
    other_paths,
)

#: There is room for so many connections at least.
TOGETHER = 12
#: Seconds in which that many are closed, whoever takes all of the five for each of them. Where they
#: wait for one another, each for a second, it takes longer.
ALL_CLOSED = 8.0
#: What a careless route would take for the echo, or let fall.
NEIGHBOURS = [
    "/",
    "/?path=/ws/echo/",
    "/ws",
    "/ws/",
    "/ws/echo",
    "/ws/echo?/",
    "/ws/echo/more",
    "/ws/echo/more/",
    "/ws/echo/echo/",
    "/ws/ws/echo/",
    "/more/ws/echo/",
    "/ws/ECHO/",
    "/Ws/echo/",
    "/WS/ECHO/",
    "/echo/",
    "/ws/ech/",
    "/ws/websocket/",  # a route found by a class's name, and the base classes are classes too
    "/ws/asyncwebsocket/",
    "/ws/asyncconsumer/",
    "/ws/echos/",
    "/ws/-echo/",
    "/wsecho/",
    "/ws-echo/",
    "/ws.echo/",
    "/ws/echo./",
    "/ws/echo.json",
    "/ws/echo%20/",
    "/ws/echo/%20",
    "/ws/nowhere/?next=/ws/echo/",
    "/%D1%87%D0%B0%D0%B9/",
    "/ws/%D1%8D%D1%85%D0%BE/",
    "/static/console/console.js",
    "/favicon.ico",
]


async def test_unknown_path(visitor, before_runserver, lesson, some):
    visits = [(path, None) for path in [*NEIGHBOURS, *other_paths(some)]]
    visits += [("/ws/nowhere/", said) for said in (some.text(), b"\x00", "")]
    # Side by side, since each may take its five seconds.
    for begin in range(0, len(visits), TOGETHER):
        await _all_close(visitor, visits[begin : begin + TOGETHER], lesson)
    if developer := await before_runserver():
        with agreed("A1"), given("runserver"):
            await closes(developer, "/ws/nowhere/", NOT_FOUND)


async def _all_close(visitor, visits, lesson):
    begun = [
        asyncio.ensure_future(closes(visitor, path, NOT_FOUND, says=said)) for path, said in visits
    ]
    try:
        # A patience of its own: it does not begin anew whenever one of them is closed.
        closing = asyncio.gather(*begun, return_exceptions=True)
        outcomes = await Patience().wait(closing, seconds=ALL_CLOSED)
    except TimeoutError:
        visitor.patience.ran_out()
        closed = sum(not one.cancelled() and not one.exception() for one in begun)
        raise RanOut(
            lesson.message("all_closed", count=len(visits)),
            lesson.message("all_closed", count=closed),
        ) from None
    for (path, said), outcome in zip(visits, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            visitor.timeline.moments.clear()  # the story is then that one's alone
            await closes(visitor, path, NOT_FOUND, says=said)
            raise outcome


async def test_echo_is_still_there(visitor, some):
    with agreed("P4"):
        await echoes(visitor, [some.text()])
        await echoes(visitor, [some.text()], f"{ECHO}?path=/ws/nowhere/")
    # A client that is lost has no say in how the others fare.
    tab = await visitor.connect(ECHO, who="in the echo")
    for path in ("/ws/nowhere/", "/ws/echo"):
        with suppress(Mismatch):  # how it is told so is another check's question
            await closes(visitor, path, NOT_FOUND)
    with agreed("F5"):
        await tab.send(text := some.text())
        await comes_back(tab, text)


def test_like_the_reference(servers, evidence):
    target, reference = servers.plain(), servers.reference()
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
