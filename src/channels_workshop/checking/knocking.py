"""The doors of lesson 02: who knocks on which path, and what comes of it.

A caller is named by the Origin that it sends, so that a story tells who was let in.
"""

import asyncio
import random
from dataclasses import dataclass

import httpx
from hypothesis import strategies as st

from ..serving.server import Server
from .agreement import Departure
from .client import Client, Closed, Refused, Silence
from .patience import Patience
from .searching import search
from .timeline import Timeline

ECHO = "/ws/echo/"
#: What a caller may send as its Origin: "" stands for the server's own, None for no header.
OWN, MISSING, NULL = "", None, "null"
FOREIGN = ["http://elsewhere.example", "https://elsewhere.example", "http://127.0.0.1.example"]

Frame = str | bytes


async def answers(client: Client, path: str, status: int, **options: object) -> httpx.Response:
    """Return the answer to `GET path`. Raises Departure unless it has that `status`."""
    response = await client.get(path, **options)
    _hold(f"GET {path}: HTTP {status}", f"GET {path}: HTTP {response.status_code}")
    return response


async def echoes(client: Client, frames: list[Frame]) -> None:
    """Raise Departure unless each of `frames`, sent to the echo, comes back as it was."""
    tab = await client.connect(ECHO)
    for frame in frames:
        await tab.send(frame)
        back = await tab.receive(told_frame(frame))
        _hold(told_frame(frame), told_frame(back))


async def turns_away(client: Client, path: str, origin: str | None) -> None:
    """Raise Departure unless the handshake of a caller with `origin` ends with HTTP 403."""
    agreed = f"{told_origin(origin)}: HTTP 403"
    try:
        await client.connect(path, who=told_origin(origin), origin=origin)
    except Refused as refused:
        _hold(agreed, f"{told_origin(origin)}: HTTP {refused.status}")
    else:
        raise Departure(agreed, f"{told_origin(origin)}: HTTP 101")


async def closes(client: Client, path: str, code: int) -> None:
    """Raise Departure unless `path` accepts a connection, then closes it with `code`."""
    tab = await client.connect(path)
    agreed = f"{path}: {code}"
    _hold(agreed, f"{path}: {await tab.closed_by_server(agreed)}")


def told_origin(origin: str | None) -> str:
    """Return how a story names the caller that sends `origin`."""
    return {OWN: "own page", MISSING: "no Origin"}.get(origin, f"Origin: {origin}")


def told_frame(frame: Frame) -> str:
    """Return a frame with its kind, short enough for a line."""
    kind = "text" if isinstance(frame, str) else "binary"
    shown = repr(frame[:40])
    return f"{kind} {shown}" if len(frame) <= 40 else f"{kind} {shown}… ({len(frame)})"


def _hold(agreed: str, happened: str) -> None:
    if agreed != happened:
        raise Departure(agreed, happened)


# ---- Against the reference


@dataclass(frozen=True)
class Get:
    """A plain HTTP request."""

    path: str

    async def done_at(self, client: Client, sentinel: str) -> str:
        """Return what came of it."""
        return f"HTTP {(await client.get(self.path)).status_code}"

    def __str__(self) -> str:
        return f"GET {self.path}"


@dataclass(frozen=True)
class Knock:
    """A WebSocket handshake and, once inside, frames."""

    path: str
    origin: str | None
    frames: list[Frame]

    async def done_at(self, client: Client, sentinel: str) -> str:
        """Return what came of it: a refusal, a close code, or the frames before `sentinel`."""
        came: list[Frame] = []
        try:
            tab = await client.connect(self.path, who=told_origin(self.origin), origin=self.origin)
            for frame in [*self.frames, sentinel]:
                await tab.send(frame)
            while not came or came[-1] != sentinel:
                came.append(await tab.receive())
        except Refused as refused:
            return f"HTTP {refused.status}"
        except Closed as closed:
            return f"closed {closed.code}"
        except Silence as silence:
            return silence.happened
        return ", ".join(map(told_frame, came[:-1])) or "open"

    def __str__(self) -> str:
        return f"{self.path}, {told_origin(self.origin)}"


# Which of two paths a server takes for the same may differ where slashes are doubled or encoded.
_NAMES = st.text("abcdefgé-._~茶", min_size=1, max_size=6).filter(lambda name: name.strip("."))
_OTHER_PATHS = st.one_of(
    st.sampled_from(["/ws/echo", "/ws/echo/more/", "/ws/", "/", "/echo/", "/ws/ECHO/"]),
    st.lists(_NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names)),
    st.lists(_NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names) + "/"),
)
_FRAMES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=8),
    st.sampled_from(["", "{", '{"message": "hi"}', b""]),
)
_KNOCKS = st.builds(
    Knock,
    st.one_of(st.sampled_from([ECHO, f"{ECHO}?tea=green"]), _OTHER_PATHS),
    st.sampled_from([OWN, OWN, OWN, MISSING, NULL, *FOREIGN]),
    st.lists(_FRAMES, max_size=4),
)
# One at a time: nothing that came before has a say in what a knock is answered.
_STORIES = st.lists(
    st.one_of(_KNOCKS, _KNOCKS, st.builds(Get, _OTHER_PATHS)), min_size=1, max_size=1
)
EXAMPLES = 40


def compare_with_reference(
    target: Server, reference: Server, seed_number: int, timeline: Timeline
) -> None:
    """Raise Departure, with the shortest story in `timeline`, where the two servers differ."""
    sentinels = random.Random(seed_number)

    async def perform(actions: list[Get | Knock], story: Timeline, patience: Patience) -> None:
        ours, theirs = Client(target, story, patience=patience), Client(reference, Timeline())
        try:
            for action in actions:
                sentinel = f"sentinel {sentinels.getrandbits(64):x}"
                happened, agreed = await asyncio.gather(
                    action.done_at(ours, sentinel), action.done_at(theirs, sentinel)
                )
                _hold(f"{action}: {agreed}", f"{action}: {happened}")
        finally:
            await ours.leave()
            await theirs.leave()

    search(_STORIES, perform, target, seed_number, timeline, EXAMPLES)
