"""A time line in words: the same events make the same lines, byte for byte."""

from collections.abc import Iterator, Sequence

from ...language import Language, Message, message
from .events import Event, What

#: What somebody does, as a line says it.
WHAT: dict[What, Message] = {
    "starts": message("starts"),
    "connects": message("handshake"),
    "accepts": message("accepts"),
    "receives": message("frame in"),
    "sends": message("frame out"),
    "lost": message("undelivered: the client is gone"),
    "closes": message("closes"),
    "closed": message("is closed"),
    "ends": message("connection over"),
    "asks": message("request"),
    "answers": message("answer"),
    "joins": message("joins group"),
    "leaves": message("leaves group"),
    "tells": message("to group"),
    "mails": message("to channel"),
    "gets": message("from the layer"),
    "fails": message("layer fails"),
    "raises": message("exception"),
    "dropped": message("events dropped"),
    "enters": message("connects"),
    "is_in": message("is in"),
    "refused": message("is refused"),
    "says": message("says"),
    "hears": message("hears"),
    "goes": message("leaves"),
    "cut_off": message("is cut off"),
    "told": message("is told"),
    "does": message("the lab"),
}

#: The sign before it.
SIGNS: dict[What, str] = {
    "connects": "⇢", "accepts": "✓", "receives": "→", "sends": "←", "closes": "⊣", "closed": "⊢",
    "ends": "■", "asks": "⇢", "answers": "⇠", "joins": "+", "leaves": "−", "tells": "⇉", "mails": "↱",
    "gets": "↳", "fails": "✗", "raises": "✗", "lost": "✗", "dropped": "…", "enters": "⇢", "is_in": "✓",
    "refused": "✗", "says": "→", "hears": "←", "goes": "⊣", "cut_off": "✗", "does": "▶", "told": "·",
    "starts": "●",
}  # fmt: skip

#: What one may leave out of a time line together.
KINDS: dict[str, list[What]] = {
    "frames": ["receives", "sends", "lost", "says", "hears"],
    "handshakes": ["connects", "accepts", "closes", "closed", "ends", "starts", "enters", "is_in",
                   "goes", "cut_off", "refused"],
    "layer": ["joins", "leaves", "tells", "mails", "gets", "told"],
    "http": ["asks", "answers"],
    "trouble": ["raises", "fails", "dropped", "does"],
}  # fmt: skip


#: Where the whole of `where` is read: paths, kinds of exceptions.
WHOLE: set[What] = {"connects", "asks", "raises", "enters"}
#: Characters of a group's or a channel's name that tell it from others.
NAME = 20


def whose(event: Event) -> str:
    """Return who it is about: a server's connection, by its number, or somebody else."""
    return f"{event.who} #{event.connection}" if event.connection else event.who


def lines(events: Sequence[Event], language: Language) -> Iterator[str]:
    """Yield a line for each event, with the milliseconds since the first of them."""
    width = max((len(whose(event)) for event in events), default=0)
    for event in events:
        since = (event.at - events[0].at) / 1000
        said = " ".join(part for part in _parts(event, language) if part)
        yield f"{since:10.3f} ms  {whose(event):{width}}  {SIGNS[event.what]} {said}"


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _parts(event: Event, language: Language) -> Iterator[str]:
    if event.what != "does":
        yield WHAT[event.what].spoken(language)
    yield str(event.code or "")
    yield event.where if event.what in WHOLE else _short(event.where)
    first, *more = event.text.splitlines() or [""]
    yield more[-1] if event.what == "raises" and more else first
    if event.cut:
        yield message("(+{count} characters)", count=event.cut).spoken(language)
