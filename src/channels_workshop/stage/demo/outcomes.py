"""What must be seen after a step: the entries of `sees` in `demo.toml`, told apart by `see`."""

import msgspec


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="see"):
    """Something that must have come before a step counts as done."""


class FrameCame(Outcome, frozen=True, tag="frame"):
    """The next frame that `who` receives is this one: a table names the keys that count.

    That it is the *next* one is what proves absence: had another come before, this would fail.
    """

    who: str
    frame: dict[str, str | int] | str


class Count(Outcome, frozen=True, tag="count"):
    """So far `who` has received exactly so many frames of this kind."""

    who: str
    frame: dict[str, str | int] | str
    times: int


class Opened(Outcome, frozen=True, tag="open"):
    """The WebSocket of `who` is open."""

    who: str


class ClosedWith(Outcome, frozen=True, tag="closed"):
    """The WebSocket of `who` is closed by the server, with this code (1006: without a word)."""

    who: str
    code: int


class RefusedWith(Outcome, frozen=True, tag="refused"):
    """The handshake of `who` was answered with this HTTP status."""

    who: str
    status: int


class Answered(Outcome, frozen=True, tag="answer"):
    """The last page that `who` asked for came with this HTTP status, and holds the text `holds`."""

    who: str
    status: int
    holds: str = ""


class LogLine(Outcome, frozen=True, tag="log"):
    """`server` prints a line in which the regular expression `pattern` is found."""

    server: str
    pattern: str


class Asked(Outcome, frozen=True, tag="asked"):
    """Somebody waits in `service` for its answer."""

    service: str


class Beats(Outcome, frozen=True, tag="beats"):
    """The heart of `who` beats: a question that is asked from now on is answered."""

    who: str


class StandsStill(Outcome, frozen=True, tag="stands_still"):
    """The heart of `who` stands still: it asks once more, and is not answered.

    A twin of its server, which nobody holds up, has answered the same question by then.
    """

    who: str


class HeldUp(Outcome, frozen=True, tag="held_up"):
    """That question of `who` was answered only after the page that `by` asked for.

    In the order of the server's own log: it has one event loop, which could serve nobody before.
    """

    who: str
    by: str


AnyOutcome = (
    FrameCame
    | Count
    | Opened
    | ClosedWith
    | RefusedWith
    | Answered
    | LogLine
    | Asked
    | Beats
    | StandsStill
    | HeldUp
)
