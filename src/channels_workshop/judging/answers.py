"""Answers over HTTP that are as long as they may be, and are taken as they come."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from .allowance import LONGEST_ANSWER, Allowance

#: We ask for answers that are not packed: a few bytes of a packed one may stand for any number.
HEADERS = {"Accept-Encoding": "identity"}
_PACKED = b"content-encoding"


class TooLong(httpx.ReadError):
    """An answer goes on and on."""


class Answer(httpx.Response):
    """An answer of a target."""

    def json(self, **options: Any) -> Any:
        """Return the JSON in it. Raises ValueError for what nobody could write: half a pair, say."""
        try:
            content = super().json(**options)
            json.dumps(content, ensure_ascii=False).encode()
        except RecursionError:
            raise ValueError("nested by the thousand") from None
        return content


class BoundedTransport(httpx.AsyncHTTPTransport):
    """Brings answers, each of at most LONGEST_ANSWER bytes, and no more than `allowance` lets."""

    def __init__(self, allowance: Allowance, **options: Any) -> None:
        super().__init__(**options)
        self._allowance = allowance

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, with a body that ends."""
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        headers = [(name, value) for name, value in response.headers.raw if name.lower() != _PACKED]
        answer = Answer(
            response.status_code,
            headers=headers,
            stream=_Body(response.stream, self._allowance),
            extensions=response.extensions,
        )
        answer.encoding = "utf-8"  # whatever it says: there are others that take hours to read
        return answer


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for part in self._stream:
            length += len(part)
            if length > LONGEST_ANSWER or not self._allowance.takes(len(part)):
                raise TooLong("nobody reads so much")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
