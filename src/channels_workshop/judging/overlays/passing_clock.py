"""A clock that can be made to pass quickly, for whoever lets something expire."""

import asyncio
import datetime
import time

#: Seconds that pass at once where nobody waits for an earlier moment; of more than an hour, as long a
#: part as that is of an hour.
_LONGEST_STEP = 60.0
_HOUR = 3600.0
#: Seconds, real ones, in which what a step has set off is done, and what it sent has arrived.
_REST = 0.002
_TURNS = 20
#: uvicorn itself wakes so often, in seconds, and there is nothing to be seen then.
_TICK = 0.1
#: Steps after which it is enough: something ticks all the time.
_STEPS = 400

_real_sleep, _real_datetime = time.sleep, datetime.datetime
_passed = 0.0


def start():
    """Have all that is imported from now on see this clock; event loops see it too."""
    from django.db.models.functions import Now
    from django.utils import timezone

    for name in ("time", "monotonic", "perf_counter"):
        setattr(time, name, _later(getattr(time, name)))
        setattr(time, f"{name}_ns", _later_in_nanoseconds(getattr(time, f"{name}_ns")))
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, _of_now(getattr(time, name)))
    datetime.datetime = _Datetime
    timezone.now = lambda: _Datetime.now(datetime.UTC)
    Now.as_sqlite = _now_in_sqlite


def _later(clock):
    return lambda: clock() + _passed


def _later_in_nanoseconds(clock):
    return lambda: clock() + int(_passed * 10**9)


def _of_now(function):
    """Return a function of a time which, where none is given, is that of our clock."""
    return lambda seconds=None: function(time.time() if seconds is None else seconds)


def _now_in_sqlite(function, compiler, connection, **more):
    shown = f"STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW', '+{_passed:f} seconds')"
    return function.as_sql(compiler, connection, template=shown, **more)


async def let_pass(seconds):
    """Let so many seconds pass in a moment, from each moment that somebody waits for to the next."""
    global _passed
    loop = asyncio.get_running_loop()
    end = _passed + seconds
    longest = _LONGEST_STEP * max(1, seconds / _HOUR)
    for _step in range(_STEPS):
        if _passed >= end:
            break
        _passed += min(_until_next(loop, longest), end - _passed)
        for _turn in range(_TURNS):
            await asyncio.sleep(0)
        await loop.run_in_executor(None, _real_sleep, _REST)


def _until_next(loop, longest):
    """Return how many seconds it is to the next moment that somebody waits for."""
    # The loop's own list of timers: there is no public way to know it.
    waits = [max(timer.when() - loop.time(), 0) for timer in loop._scheduled]
    soon = [wait for wait in waits if wait <= _TICK]
    if len(soon) > 1:
        return _TICK
    return min([longest, *(wait for wait in waits if wait > _TICK)])


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
