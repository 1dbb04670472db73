"""How long an answer may take before its absence is a failure."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

#: Seconds. A right solution never waits so long; a wrong one waits it out.
AT_FIRST = 5.0
#: Seconds, for a person who waits beside it: nothing hangs on a verdict that the next save replaces.
FOR_PEOPLE = 2.5
#: The share of it that is left once the target has left a check of this run without an answer: it
#: has failed by then.
_AFTERWARDS = 0.3

#: Patience is spent in so many turns of our own event loop: a machine that stalls costs one turn.
_TURNS = 10
#: However many others get answers meanwhile, nobody waits longer than so many times `seconds`.
_AT_MOST = 10

_Answer = TypeVar("_Answer")

#: Where a run's patience begins; a judging process has one run at a time.
_at_first = AT_FIRST


def begin_with(seconds: float) -> None:
    """Let every Patience that is made from now on begin with so many seconds."""
    global _at_first
    _at_first = seconds


class Patience:
    """The patience of one run of checks, in `seconds`; shared by all that waits in it."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = _at_first if seconds is None else seconds
        self._answers = 0

    async def wait(
        self, answer: Coroutine[Any, Any, _Answer], *, seconds: float | None = None
    ) -> _Answer:
        """Return the answer. Raises TimeoutError where nobody in this run gets one any more.

        `seconds` are other ones than usual, for an answer that takes more work.

        While others of this run get theirs, the target is busy and not silent: with a hundred
        people in a room, one of them may have to wait long.
        """
        waiting = asyncio.ensure_future(answer)
        turn = (self.seconds if seconds is None else seconds) / _TURNS
        answers, turns_left = self._answers, _TURNS
        try:
            for _turn in range(_AT_MOST * _TURNS):
                await asyncio.wait({waiting}, timeout=turn)
                if waiting.done():
                    self._answers += 1
                    return waiting.result()
                turns_left -= 1
                if self._answers != answers:
                    answers, turns_left = self._answers, _TURNS
                if not turns_left:
                    break
            raise TimeoutError
        finally:
            if waiting.cancel():
                await asyncio.wait({waiting}, timeout=turn)

    def ran_out(self) -> None:
        """Wait less from now on."""
        self.seconds = min(self.seconds, _AFTERWARDS * _at_first)
