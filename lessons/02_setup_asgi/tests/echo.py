"""The echo and the paths beside it: who knocks where, and what comes of it.

A caller is named by the Origin that it sends, so that a story says who was let in.
"""

import asyncio
import random
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from hypothesis import strategies as st

from channels_workshop.judging.client import Client, Closed, Connection, Refused, Silence
from channels_workshop.judging.counterexample import search
from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from channels_workshop.judging.origins import FOREIGN, MISSING, NULL, OWN, caller_with
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.some import Some
from channels_workshop.judging.timeline import Timeline
from channels_workshop.language import Message, message
from channels_workshop.processes.project import ProjectServer

ECHO, NOT_FOUND = "/ws/echo/", 4404
#: How much of a frame a failure shows: characters, or bytes.
SHOWN = 40
#: Seconds between two frames of a client that says something again and again.
SPEAKS_EVERY = 0.2

Frame = str | bytes


async def answers(client: Client, path: str, status: int, **options: object) -> httpx.Response:
    """Return the answer to `GET path`. Raises Mismatch unless it has that `status`."""
    response = await client.get(path, **options)
    expect(f"GET {path}: HTTP {status}", f"GET {path}: HTTP {response.status_code}")
    return response


async def echoes(client: Client, frames: Iterable[Frame], path: str = ECHO) -> None:
    """Raise Mismatch unless each of `frames`, sent to the echo, comes back as it was, and no other."""
    with agreed("P4"):
        tab = await client.connect(path)
    try:
        for frame in frames:
            tell_the_end_only(client)
            await tab.send(frame)
            await comes_back(tab, frame)
    except Closed as closed:
        if closed.code == NOT_FOUND:  # the echo is somewhere else
            closed.sentence = "P4"
        raise


def tell_the_end_only(client: Client) -> None:
    """Take out of the story what went well long ago: of hundreds of frames the last two stay."""
    del client.timeline.moments[1:-4]


async def comes_back(tab: Connection, frame: Frame, what: Frame | None = None) -> None:
    """Raise Mismatch unless the next frame is `frame`, of the same kind.

    `what` is to blame where that is not `frame` alone.
    """
    with given(frame if what is None else what):
        back = await tab.receive(described(frame))
        if back != frame:
            pairs = enumerate(zip(frame, back, strict=False))
            at = next((n for n, (sent, came) in pairs if sent != came), min(len(frame), len(back)))
            spelled_out = _look_alike(frame, back)
            raise Mismatch(described(frame, at, spelled_out), described(back, at, spelled_out))


async def closes(client: Client, path: str, code: int, *, says: Frame | None = None) -> None:
    """Raise Mismatch unless `path` accepts a connection, then closes it with `code`.

    `says` is what the client sends as soon as it is in, and again and again until it is closed.
    """
    expected = f"{path}: {code}"
    try:
        tab = await client.connect(path)
    except Refused as refused:
        raise Mismatch(expected, refused.told_of(path)) from None
    speaking = asyncio.create_task(_says_on(tab, says)) if says is not None else None
    try:
        actual = await tab.closed_by_server(expected)
    finally:
        if speaking:
            speaking.cancel()
    if actual != code:
        raise Mismatch(expected, f"{path}: {actual}", close_code=actual, given=path)


async def _says_on(tab: Connection, frame: Frame) -> None:
    with suppress(Closed):  # the code is still to be read
        while True:
            await tab.send(frame)
            await asyncio.sleep(SPEAKS_EVERY)


def other_paths(some: Some) -> list[str]:
    """Return paths where there is nothing, over HTTP or WebSocket, that nobody knows beforehand."""
    word = some.word
    return [
        f"/{word()}",
        f"/{word()}/",
        f"/ws/{word()}/",
        f"/ws/echo/{word()}/",
        f"/ws/echo{word()}/",
        f"/{word()}/ws/echo/",
        f"/ws/{word()}/echo/",
        f"/{word()}/{word()}.html",
        f"/{word()}/{word()}/{word()}/{word()}/",
        f"/{quote('чай')}/{word()}/",
        f"/{quote('чай' * 60)}{word()}/",  # as a reason for a close it would be too long
        f"/{'x' * 1_000}{word()}/",
    ]


def described(frame: Frame, at: int = 0, spelled_out: bool = False) -> str:
    """Return a frame with its kind; of a long one, the part around position `at` alone.

    `spelled_out`: with escapes in the place of all letters that are not ASCII.
    """
    kind = "text" if isinstance(frame, str) else "binary"
    show = ascii if spelled_out else repr
    if len(frame) <= SHOWN:
        return f"{kind} {show(frame)}"
    begin = max(0, at - SHOWN // 2)
    before = "… " if begin else ""
    return f"{kind} {before}{show(frame[begin : begin + SHOWN])} … ({len(frame)})"


def _look_alike(one: Frame, other: Frame) -> bool:
    """Return whether two texts differ in nothing that a reader would see at a glance."""
    if isinstance(one, bytes) or isinstance(other, bytes):
        return False
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    """Return `text` without accents, and with one letter for all that look like it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.category(char).startswith("M"))


# ---- Against the reference


@dataclass(frozen=True)
class Get:
    """A plain HTTP request."""

    path: str

    @property
    def sentence(self) -> str:
        """The sentence of the agreement that says what must come of it."""
        return "P1" if self.path == "/" else "P3"

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

    @property
    def is_for_the_echo(self) -> bool:
        """Whether its path, without a query string, is that of the echo."""
        return self.path.partition("?")[0] == ECHO

    @property
    def sentence(self) -> str:
        """The sentence of the agreement that says what must come of it."""
        if self.origin != OWN:
            return {MISSING: "O4", NULL: "O3"}.get(self.origin, "O2")
        if not self.is_for_the_echo:
            return "P5"
        kinds = {type(frame) for frame in self.frames}
        return {frozenset([str]): "F1", frozenset([bytes]): "F2"}.get(frozenset(kinds), "P4")

    async def done_at(self, client: Client, sentinel: str) -> str | Message:
        """Return what came of it: a refusal, a close code, or the frames before `sentinel`."""
        try:
            tab = await client.connect(self.path, who=caller_with(self.origin), origin=self.origin)
            if self.is_for_the_echo:
                return await self._echoed(tab, sentinel)
            with suppress(Closed):
                for frame in self.frames:
                    await tab.send(frame)
            # What comes before the close is left open.
            return f"closed {await tab.closed_by_server(str(self))}"
        except Refused as refused:
            return f"HTTP {refused.status}"
        except Closed as closed:
            return f"closed {closed.code}"
        except Silence as silence:
            return silence.actual

    async def _echoed(self, tab: Connection, sentinel: str) -> str:
        for frame in [*self.frames, sentinel]:
            await tab.send(frame)
        came: list[Frame] = []
        while not came or came[-1] != sentinel:
            came.append(await tab.receive())
        return ", ".join(map(described, came[:-1])) or "open"

    def __str__(self) -> str:
        return f"{self.path}, {caller_with(self.origin)}"


# Which of two paths a server takes for the same may differ where slashes are doubled or encoded.
_NAMES = st.text("abcdefgé-._~茶", min_size=1, max_size=6).filter(lambda name: name.strip("."))
_OTHER_PATHS = st.one_of(
    st.sampled_from(
        ["/ws/echo", "/ws/echo/more/", "/ws/", "/", "/echo/", "/ws/ECHO/", "/Ws/echo/"]
    ),
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
                with agreed(action.sentence):
                    expect(_came_of(action, expected), _came_of(action, actual))
        finally:
            await ours.leave()
            await theirs.leave()

    search(_STORIES, perform, target, seed_number, timeline, patience, EXAMPLES)


def _came_of(action: Get | Knock, what: str | Message) -> Message:
    return message("{action}: {what}", action=str(action), what=what)
