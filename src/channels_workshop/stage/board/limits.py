"""How much the board takes from anybody: sizes, numbers, and how often."""

from collections import OrderedDict
from collections.abc import Callable

#: Characters of a name, as it is shown; and as it may be sent, before it is tidied.
LONGEST_NAME, LONGEST_NAME_SENT = 40, 200
LONGEST_ID = 80
LONGEST_SECRET = 100
LONGEST_PATH = 200
#: Characters of a file that is shown; of a longer one, the beginning.
LONGEST_CODE = 40_000
#: Files that are shown of one learner.
MOST_FILES = 20
#: Bytes of a frame; a server closes with 1009 at more. JSON may spell a character in six.
LARGEST_FRAME = 2**18

REPORTS_AT_ONCE = 50
#: Reports of one learner in one class: a save makes a dozen.
MOST_REPORTS = 20_000
MOST_LEARNERS = 400
#: Connections of one worker that have not yet said who they are; seconds that they may take.
MOST_KNOCKING, HELLO_SECONDS = 200, 10.0
#: Connections of learners to one worker, and of one of them; open pages of the board.
MOST_CONNECTIONS, MOST_OF_ONE, MOST_PAGES = 2_000, 5, 20

#: Frames of one connection: so many at once, and so many a second for ever.
FRAMES_AT_ONCE, FRAMES_A_SECOND = 60, 6.0
#: The same of wrong codes from one address. A whole room may come from one.
WRONG_AT_ONCE, WRONG_A_SECOND = 30, 0.5
#: Addresses of which that is remembered.
_MOST_ADDRESSES = 1_000

Clock = Callable[[], float]


class Bucket:
    """Lets through `at_once`, then `a_second`; `clock` says the seconds."""

    def __init__(self, at_once: float, a_second: float, clock: Clock) -> None:
        self._at_once, self._a_second, self._clock = at_once, a_second, clock
        self._left, self._filled_at = at_once, clock()

    @property
    def is_empty(self) -> bool:
        """Whether nothing more is let through just now."""
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._filled_at) * self._a_second)
        self._filled_at = now
        return self._left < 1

    def take(self) -> bool:
        """Return whether one more is let through, and count it."""
        if self.is_empty:
            return False
        self._left -= 1
        return True


class WrongCodes:
    """Counts the wrong codes of each address, so that nobody tries them all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def may_try(self, address: str) -> bool:
        """Return whether a code from `address` is looked at."""
        bucket = self._buckets.get(address)
        return bucket is None or not bucket.is_empty

    def count(self, address: str) -> None:
        """A code from `address` was wrong."""
        if address not in self._buckets:
            self._buckets[address] = Bucket(WRONG_AT_ONCE, WRONG_A_SECOND, self._clock)
        self._buckets.move_to_end(address)
        self._buckets[address].take()
        while len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
