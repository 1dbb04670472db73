"""The echo and the paths beside it: who knocks where, and what comes of it.

A caller is named by the Origin that it sends, so that a story says who was let in.
"""

import asyncio
import random
from dataclasses import dataclass

import httpx
from hypothesis import strategies as st

from channels_workshop.judging.client import Client, Closed, Refused, Silence
from channels_workshop.judging.counterexample import search
from channels_workshop.judging.mismatch import Mismatch, expect, given
from channels_workshop.judging.origins import FOREIGN, MISSING, NULL, OWN, caller_with
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.timeline import Timeline
from channels_workshop.language import Message, message
from channels_workshop.processes.project import ProjectServer

ECHO = "/ws/echo/"
#: How much of a frame a failure shows: characters, or bytes.
SHOWN = 40

Frame = str | bytes


async def answers(client: Client, path: str, status: int, **options: object) -> httpx.Response:
    """Return the answer to `GET path`. Raises Mismatch unless it has that `status`."""
    response = await client.get(path, **options)
    expect(f"GET {path}: HTTP {status}", f"GET {path}: HTTP {response.status_code}")
    return response


async def echoes(client: Client, frames: list[Frame]) -> None:
    """Raise Mismatch unless each of `frames`, sent to the echo, comes back as it was."""
    tab = await client.connect(ECHO)
    for frame in frames:
        with given(frame):
            await tab.send(frame)
            back = await tab.receive(described(frame))
            if back != frame:
                pairs = enumerate(zip(frame, back, strict=False))
                at = next(
                    (n for n, (sent, came) in pairs if sent != came), min(len(frame), len(back))
                )
                raise Mismatch(described(frame, at), described(back, at))


async def closes(client: Client, path: str, code: int) -> None:
    """Raise Mismatch unless `path` accepts a connection, then closes it with `code`."""
    tab = await client.connect(path)
    expected = f"{path}: {code}"
    actual = await tab.closed_by_server(expected)
    if actual != code:
        raise Mismatch(expected, f"{path}: {actual}", close_code=actual, given=path)


def described(frame: Frame, at: int = 0) -> str:
    """Return a frame with its kind; of a long one, the part around position `at` alone."""
    kind = "text" if isinstance(frame, str) else "binary"
    if len(frame) <= SHOWN:
        return f"{kind} {frame!r}"
    begin = max(0, at - SHOWN // 2)
    before = "… " if begin else ""
    return f"{kind} {before}{frame[begin : begin + SHOWN]!r} … ({len(frame)})"


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

    async def done_at(self, client: Client, sentinel: str) -> str | Message:
        """Return what came of it: a refusal, a close code, or the frames before `sentinel`."""
        came: list[Frame] = []
        try:
            tab = await client.connect(self.path, who=caller_with(self.origin), origin=self.origin)
            for frame in [*self.frames, sentinel]:
                await tab.send(frame)
            while not came or came[-1] != sentinel:
                came.append(await tab.receive())
        except Refused as refused:
            return f"HTTP {refused.status}"
        except Closed as closed:
            return f"closed {closed.code}"
        except Silence as silence:
            return silence.actual
        return ", ".join(map(described, came[:-1])) or "open"

    def __str__(self) -> str:
        return f"{self.path}, {caller_with(self.origin)}"


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
# One at a time: what came before has no say in how a knock is answered.
_STORIES = st.lists(
    st.one_of(_KNOCKS, _KNOCKS, st.builds(Get, _OTHER_PATHS)), min_size=1, max_size=1
)
EXAMPLES = 40


def compare_with_reference(
    target: ProjectServer,
    reference: ProjectServer,
    seed_number: int,
    timeline: Timeline,
    patience: Patience,
) -> None:
    """Raise Mismatch, with the shortest story in `timeline`, where the two servers differ.

    `patience` is that of the run.
    """
    sentinels = random.Random(seed_number)

    async def perform(actions: list[Get | Knock], story: Timeline, patience: Patience) -> None:
        ours, theirs = Client(target, story, patience=patience), Client(reference, Timeline())
        try:
            for action in actions:
                sentinel = f"sentinel {sentinels.getrandbits(64):x}"
                actual, expected = await asyncio.gather(
                    action.done_at(ours, sentinel), action.done_at(theirs, sentinel)
                )
                if actual != expected:
                    raise Mismatch(_came_of(action, expected), _came_of(action, actual))
        finally:
            await ours.leave()
            await theirs.leave()

    search(_STORIES, perform, target, seed_number, timeline, patience, EXAMPLES)


def _came_of(action: Get | Knock, what: str | Message) -> Message:
    return message("{action}: {what}", action=str(action), what=what)
