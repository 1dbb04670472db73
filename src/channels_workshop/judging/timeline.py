"""What happened in one check, in order: who connected, sent, received, was closed."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from ..language import Message

Kind = Literal[
    "connects", "refused", "sends", "receives", "waits", "closes", "drops", "closed", "http"
]

ARROWS: dict[Kind, str] = {
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
#: The end of a text that was cut.
_CUT = re.compile(r" \((\d+) characters\)$")
#: Characters of a frame that are kept, and of these the ones that a line shows.
_KEPT, _SHOWN = 2_000, 96


class Moment(msgspec.Struct, frozen=True):
    """One line of the story: `who` did, or met, `what`; `frame` is the frame, path or code."""

    who: str
    what: Kind
    frame: Message | str = ""


@dataclass
class Timeline:
    """The moments of one check."""

    moments: list[Moment] = field(default_factory=list)

    def note(self, who: str, what: Kind, frame: object = "") -> None:
        """Add a moment; a frame longer than 2,000 characters is cut."""
        self.moments.append(
            Moment(who, what, frame if isinstance(frame, Message) else _as_text(frame))
        )


def bytes_shown(frame: bytes) -> str:
    """Return how many bytes there are, and the first of them."""
    return f"<{len(frame)} bytes> {frame[:16]!r}"


def _as_text(frame: object) -> str:
    if isinstance(frame, bytes):
        return bytes_shown(frame)
    text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
    return shortened(text, _KEPT)


def shown(frame: str) -> str:
    r"""Return a frame as a line of a report: decoded (`ж`, not `\u0436`), short, safe to print."""
    return shortened(readable(frame), _SHOWN)


def shortened(text: str, most: int = 100) -> str:
    """Return `text` with its middle cut out where it is longer than `most` characters.

    Both ends stay: what differs often stands at the end. How long it was is told, also of a text
    that was cut before.
    """
    if len(text) <= most:
        return text
    cut = _CUT.search(text)
    count, whole = (int(cut[1]), text[: cut.start()]) if cut else (len(text), text)
    half = most // 2
    return f"{whole[:half]} … {whole[-half:]} ({count} characters)"


def readable(text: str) -> str:
    """Return `text` with JSON escapes of letters decoded and every invisible character escaped.

    So are accents that are characters of their own where there is a letter that has them: the two
    look the same.
    """
    if "\\u" in text:
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False)
        except (ValueError, RecursionError):  # not JSON, or cut, or nested by the thousand
            pass
    # A frame may hold anything: control characters must not reach the reader's terminal.
    composed = unicodedata.is_normalized("NFC", text)
    return "".join(_escaped(char) if _is_unseen(char, composed) else char for char in text)


def visible(text: str) -> str:
    """Return `text` as `readable` does; in quotes where it begins or ends with white space."""
    return readable(text) if text and text == text.strip() else repr(text)


def _is_unseen(char: str, composed: bool) -> bool:
    return not char.isprintable() or (not composed and unicodedata.category(char) == "Mn")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
