"""A clock that can be made to pass quickly, for whoever lets something expire."""

import asyncio
import datetime
import time

#: Seconds that pass at once where nobody waits for an earlier moment.
_LONGEST_STEP = 60.0
#: Seconds, real ones, in which what a step has set off is done, and what it sent has arrived.
_REST = 0.002
_TURNS = 20
#: uvicorn itself wakes so often, in seconds, and there is nothing to be seen then.
_TICK = 0.1
#: Steps after which it is enough: something ticks all the time.
_STEPS = 400

_real_monotonic, _real_sleep = time.monotonic, time.sleep
_real_time, _real_datetime = time.time, datetime.datetime
_passed = 0.0


def start():
    """Have all that is imported from now on see this clock; event loops see it too."""
    from django.utils import timezone

    time.time = lambda: _real_time() + _passed
    time.monotonic = lambda: _real_monotonic() + _passed
    datetime.datetime = _Datetime
    timezone.now = lambda: _Datetime.now(datetime.UTC)


async def let_pass(seconds):
    """Let so many seconds pass in a moment, from each moment that somebody waits for to the next."""
    global _passed
    loop = asyncio.get_running_loop()
    end = _passed + seconds
    for _step in range(_STEPS):
        if _passed >= end:
            break
        _passed += min(_until_next(loop), end - _passed)
        for _turn in range(_TURNS):
            await asyncio.sleep(0)
        await loop.run_in_executor(None, _real_sleep, _REST)


def _until_next(loop):
    """Return how many seconds it is to the next moment that somebody waits for."""
    # The loop's own list of timers: there is no public way to know it.
    waits = [max(timer.when() - loop.time(), 0) for timer in loop._scheduled]
    soon = [wait for wait in waits if wait <= _TICK]
    if len(soon) > 1:
        return _TICK
    return min([_LONGEST_STEP, *(wait for wait in waits if wait > _TICK)])


class _LikeDatetime(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, _real_datetime)


class _Datetime(_real_datetime, metaclass=_LikeDatetime):
    @classmethod
    def now(cls, tz=None):
        return _real_datetime.now(tz) + datetime.timedelta(seconds=_passed)

    @classmethod
    def utcnow(cls):
        return _real_datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(
            seconds=_passed
        )
