"""Questions that a project cannot answer alone: it asks the upstream, which the check holds.

So the check decides how long the project waits, and sees who else is served meanwhile.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.patience import AT_FIRST, Patience
from channels_workshop.judging.rendezvous import Call, Rendezvous


@dataclass
class Question:
    """A request to the project that is on its way."""

    path: str
    city: str
    request: "asyncio.Task[httpx.Response]"

    async def answer(self) -> dict[str, Any]:
        """Return the JSON object that it is answered with. Raises Mismatch for anything else."""
        response = await self.request
        content = _json(response)
        if response.status_code != 200 or not isinstance(content, dict):
            raise Mismatch(f"{self.path}: HTTP 200, JSON {{…}}", _answer(self.path, response))
        return content

    async def is_answered_with(self, expected: dict[str, Any]) -> None:
        """Raise Mismatch unless the answer has all keys of `expected`, with these values."""
        content = await self.answer()
        if not content.items() >= expected.items():
            raise Mismatch(
                f"{self.path}: {_compact(expected)}", f"{self.path}: {_compact(content)}"
            )


class Questions:
    """The questions of one check."""

    def __init__(
        self, visitor: Client, upstream: Rendezvous, patience: Patience, lesson: Lesson
    ) -> None:
        self._visitor = visitor
        self._upstream = upstream
        self._patience = patience
        self._lesson = lesson
        self._asked: list[Question] = []
        upstream.hold()

    def ask(self, path: str, city: str) -> Question:
        """Begin to ask the project at `path` about `city`."""
        # More patient than all that the check does meanwhile.
        request = self._visitor.get(path, params={"city": city}, timeout=3 * AT_FIRST)
        self._visitor.timeline.note(self._visitor.who, "sends", f"GET {path}?city={city}")
        question = Question(path, city, asyncio.create_task(request))
        self._asked.append(question)
        return question

    async def calls(self, count: int) -> list[Call]:
        """Return the calls to the upstream once `count` of them wait there together.

        Raises Mismatch as soon as a question is answered instead, or when patience ends.
        """
        # Those that are answered already have had calls of their own.
        open_ = [question for question in self._asked if not question.request.done()]
        requests = [question.request for question in open_]
        waiting = asyncio.create_task(self._upstream.waiting(count, self._patience))
        await asyncio.wait([waiting, *requests], return_when=asyncio.FIRST_COMPLETED)
        for call in self._upstream.present():
            self._visitor.timeline.note("upstream", "receives", f"GET {_address(call)}")
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        first = next(question for question in open_ if question.request.done())
        expected = self._lesson.message("calls_before_an_answer", path=first.path, count=count)
        raise Mismatch(expected, _answer(first.path, await first.request))

    async def others_are_served(self) -> None:
        """Raise Mismatch unless somebody else gets an answer while the upstream is silent."""
        try:
            await self._visitor.get("/ping/", timeout=self._patience.seconds)
        except Mismatch as silence:
            self._patience.ran_out()
            expected = self._lesson.message("others_are_served")
            raise Mismatch(expected, silence.actual) from None

    async def end(self) -> None:
        """Let the project finish what it was asked, so that the next check finds it at rest."""
        self._upstream.let_go()
        unanswered = [question.request for question in self._asked]
        if unanswered:
            await asyncio.wait(unanswered, timeout=AT_FIRST)
        self._upstream.let_go()  # what the project has asked meanwhile
        for request in unanswered:
            if not request.cancel() and not request.cancelled():
                request.exception()  # it was looked at, or does not matter any more


def is_about(call: Call, topic: str, city: str) -> None:
    """Raise Mismatch unless the call asks the upstream about that topic in that city."""
    expected = Call(f"/{topic}", {"city": [city]})
    if (call.path, call.query.get("city")) != (expected.path, expected.query["city"]):
        raise Mismatch(f"upstream: GET {_address(expected)}", f"upstream: GET {_address(call)}")


def _address(call: Call) -> str:
    query = "&".join(f"{name}={value}" for name, values in call.query.items() for value in values)
    return f"{call.path}?{query}" if query else call.path


def _answer(path: str, response: httpx.Response) -> str:
    content = _json(response)
    shown = f" {_compact(content)}" if content is not None else ""
    return f"{path}: HTTP {response.status_code}{shown}"


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _compact(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]} …"
