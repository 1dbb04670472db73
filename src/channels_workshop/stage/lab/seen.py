"""What a time line shows, asked in the words of the lab's claims."""

import json
from collections.abc import Sequence

from ..microscope.events import Event, What


class Seen:
    """A time line that is over, and what can be asked of it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events

    def all(self, who: str, what: What, text: str = "") -> list[Event]:
        """Return what somebody did of that kind, in order, where `text` is part of it."""
        return [e for e in self.events if e.who == who and e.what == what and text in e.text]

    def count(self, who: str, what: What, text: str = "") -> int:
        """Return how often somebody did that."""
        return len(self.all(who, what, text))

    def hears(self, who: str, text: str) -> bool:
        """Whether somebody heard that message."""
        return text in self.heard(who)

    def heard(self, who: str) -> list[str]:
        """Return the messages that somebody heard, in order."""
        return [text for event in self.all(who, "hears") if (text := _message(event.text))]

    def counts(self, who: str) -> list[int]:
        """Return the counts of people that somebody was shown, in order."""
        frames = [json.loads(event.text) for event in self.all(who, "hears", '"online_count"')]
        return [frame["count"] for frame in frames]

    def code(self, who: str) -> int:
        """Return the code with which somebody's connection was cut off at last; 0 where it was not."""
        return next((event.code for event in reversed(self.all(who, "cut_off"))), 0)

    def raised(self, who: str) -> list[str]:
        """Return the kinds of the exceptions that a server's connections ended in."""
        return [event.where for event in self.all(who, "raises")]

    def comes_first(self, earlier: Sequence[Event], later: Sequence[Event]) -> bool:
        """Whether both happened, and the first of the ones before the first of the others."""
        return bool(earlier and later) and earlier[0].order < later[0].order


def _message(frame: str) -> str:
    try:
        content = json.loads(frame)
    except ValueError:
        return ""
    return str(content.get("message", "")) if isinstance(content, dict) else ""
