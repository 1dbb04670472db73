"""How much a target may send to a check: nobody has asked for more, and somebody has to hold it."""

from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol

#: Bytes of one frame, of one answer over HTTP, and of all that comes to one browser and others in its
#: story: several times what any right solution sends.
LONGEST_FRAME, LONGEST_ANSWER, _MOST = 2**22, 2**21, 2**28
#: What a frame counts beside its bytes, and how many of those are looked at together.
_EACH, _TOGETHER = 200, 2**14


class Allowance:
    """What may still come."""

    def __init__(self) -> None:
        self._left = _MOST

    def takes(self, count: int) -> bool:
        """Count so many bytes that came; return whether they are no more than may come."""
        self._left -= count
        return self._left >= 0


class BoundedConnection(ClientConnection):
    """A WebSocket that is broken off where more comes than may come; then it `is_flooded`."""

    def __init__(self, allowance: Allowance, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        self.is_flooded = False
        self._allowance = allowance

    def data_received(self, data: bytes) -> None:
        """Take what comes, or break off."""
        for begin in range(0, len(data), _TOGETHER):
            part = data[begin : begin + _TOGETHER]
            self._count(len(part))
            if self.is_flooded:
                self.transport.abort()
                return
            super().data_received(part)

    def process_event(self, event: Any) -> None:
        """Take a frame: even an empty one has to be held, or answered."""
        self._count(_EACH)
        super().process_event(event)

    def _count(self, count: int) -> None:
        self.is_flooded = not self._allowance.takes(count) or self.is_flooded


class Handshake(connect):
    """Opens a WebSocket as a browser does: nobody leads it elsewhere."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Take a redirect for the refusal that it is."""
        return exc
