"""What happened in one check, in order: who connected, sent, received, was closed."""

import json
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "connects", "refused", "sends", "receives", "waits", "closes", "drops", "closed", "http"
]

_ARROWS: dict[Kind, str] = {
    "connects": "⇢",
    "refused": "✗",
    "sends": "→",
    "receives": "←",
    "waits": "…",
    "closes": "⇥",
    "drops": "⇥",
    "closed": "⇤",
    "http": "⇄",
}
_LONGEST = 96


@dataclass(frozen=True)
class Moment:
    """One line of the story: `who` did or met `kind`; `what` is the frame, path or code."""

    who: str
    kind: Kind
    what: str


@dataclass
class Timeline:
    """The moments of one check."""

    moments: list[Moment] = field(default_factory=list)

    def note(self, who: str, kind: Kind, what: object = "") -> None:
        """Add a moment; frames are shortened so that a line stays a line."""
        self.moments.append(Moment(who, kind, _shorten(what)))

    def lines(self) -> list[str]:
        """Return the story, a line a moment, in columns."""
        width = max((len(moment.who) for moment in self.moments), default=0)
        return [
            f"{moment.who:<{width}}  {_ARROWS[moment.kind]} {moment.what}".rstrip()
            for moment in self.moments
        ]


def _shorten(what: object) -> str:
    if isinstance(what, dict | list):
        text = json.dumps(what, ensure_ascii=False)
    elif isinstance(what, bytes):
        return f"<{len(what)} bytes> {what[:24]!r}"
    else:
        text = str(what)
    shown = text if len(text) <= _LONGEST else text[: _LONGEST // 2]
    # A frame may hold anything: control characters must not reach the reader's terminal.
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in shown)
    return shown if len(text) <= _LONGEST else f"{shown} … ({len(text)} characters)"
