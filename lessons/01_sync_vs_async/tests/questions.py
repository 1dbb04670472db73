"""Questions that a project cannot answer alone: it asks the upstream, which the check holds.

So the check decides how long the project waits, and sees who else is served meanwhile.
"""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.evidence import Evidence
from channels_workshop.judging.mismatch import Mismatch, RanOut, agreed
from channels_workshop.judging.patience import AT_FIRST, Patience
from channels_workshop.judging.rendezvous import Answer, Call, Rendezvous
from channels_workshop.judging.timeline import Kind, Timeline
from channels_workshop.language import message
from shown import as_json, told_apart

#: What a browser says it would like, when somebody opens an address.
OF_A_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: Django's own page about an error takes long to make, unless somebody asks for plain text.
IN_SHORT = {"Accept": "text/plain"}
#: What a path asks the upstream about, and the sentence that says so.
TOPICS_OF = {
    "/awaiting/": (["weather"], "P3"),
    "/together/": (["weather", "trains", "news"], "P4"),
    "/sunrise/": (["sunrise"], "P5"),
}


_Answer = TypeVar("_Answer")


async def in_time(answer: Coroutine[Any, Any, _Answer], patience: Patience) -> _Answer:
    """Return the answer. Raises RanOut where patience ends first."""
    try:
        return await patience.wait(answer)
    except TimeoutError:
        waited = patience.seconds
        patience.ran_out()
        raise RanOut(
            message("an HTTP answer"), message("nothing came for {n:g} s", n=waited)
        ) from None


@dataclass(eq=False)
class Question:
    """A request to the project that is on its way."""

    path: str
    city: str
    request: "asyncio.Task[httpx.Response]"
    among: "Questions"

    @property
    def sentence(self) -> str:
        """The sentence of the agreement about the answers of its path."""
        return TOPICS_OF[self.path][1]

    async def response(self) -> httpx.Response:
        """Return the HTTP answer.

        Raises Mismatch if none comes, or if the project asks the upstream once more instead.
        """
        await self.among.answered(self)
        return await self.request

    async def answer(self) -> dict[str, Any]:
        """Return the JSON object that it is answered with. Raises Mismatch for anything else."""
        response = await self.response()
        try:
            return content_of(self.path, response, self.sentence)
        except Mismatch as mismatch:
            if self.among.has_blocked(mismatch):
                mismatch.sentence = "L5"
            raise

    async def says(self, text: str) -> None:
        """Raise Mismatch unless it is answered with this text of the upstream."""
        content = await self.answer()
        with agreed("U2" if isinstance(content.get("text"), str) else self.sentence):
            is_text(self.path, text, content)


class Questions:
    """The questions of one check to one project, and the upstream that it asks in turn."""

    def __init__(
        self,
        visitor: Client,
        upstream: Rendezvous,
        patience: Patience,
        lesson: Lesson,
        evidence: Evidence,
    ) -> None:
        self.upstream = upstream
        self.lesson = lesson
        self._visitor = visitor
        self._patience = patience
        self._evidence = evidence
        self._asked: list[Question] = []
        self._seen: set[Call] = set()
        upstream.hold()

    def begin_anew(self) -> None:
        """What was asked so far went well: only what follows matters for the story and the log."""
        self._evidence.timeline.moments.clear()
        server = self._visitor.server
        self._evidence.watch(server, server.log_size())

    def tell_of_many(self, what: Kind, times: int, request: str) -> None:
        """Let the story say at once what has happened so many times."""
        self._visitor.timeline.note(self._visitor.who, what, f"{times} × {request}")

    def ask(self, path: str, city: str, *, accept: str = "*/*", **more: str) -> Question:
        """Begin to ask the project at `path` about `city`, with `more` query parameters."""
        query = {**more, "city": city}
        request = self._visitor.get(path, params=query, headers={"Accept": accept})
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        self._visitor.timeline.note(self._visitor.who, "sends", f"GET {path}?{asked}")
        question = Question(path, city, asyncio.create_task(request), self)
        self._asked.append(question)
        return question

    async def leave(self, *questions: Question) -> None:
        """Let visitors leave before their answers come."""
        for question in questions:
            self._visitor.timeline.note(self._visitor.who, "drops", f"GET {question.path}")
            question.request.cancel()
        await asyncio.wait([question.request for question in questions])
        # The project has had time to notice.
        for _ in range(3):
            await self.others_are_served()

    async def ask_without_a_city(self, path: str, times: int) -> None:
        """Send requests that lack their city. Whatever comes of them is all right."""
        self.upstream.let_go()
        with contextlib.suppress(
            Mismatch
        ):  # where one is never answered, the next need not be sent
            for _ in range(times):
                bad = self._visitor.get(path, params={"town": "Riga"}, headers=IN_SHORT)
                await in_time(bad, self._patience)
        self.begin_anew()
        self.tell_of_many("sends", times, f"GET {path}?town=Riga")
        self.upstream.hold()

    async def calls(self, count: int, sentence: str | None = None) -> list[Call]:
        """Return the calls to the upstream once `count` of them wait there together.

        Raises Mismatch as soon as a question is answered instead, or when patience ends. Where that
        is an error, it is about `sentence`, else about the one of the path.
        """
        # Those that are answered already have had calls of their own.
        open_ = [question for question in self._asked if not question.request.done()]
        requests = [question.request for question in open_]
        waiting = asyncio.create_task(self.upstream.waiting(count, self._patience))
        await asyncio.wait([waiting, *requests], return_when=asyncio.FIRST_COMPLETED)
        self._note_calls()
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        first = next(question for question in open_ if question.request.done())
        expected = self.lesson.message("calls_before_an_answer", path=first.path, count=count)
        mismatch = Mismatch(expected, shown(first.path, await first.request))
        if (await first.request).status_code >= 400:
            blocked = self.has_blocked(mismatch)
            mismatch.sentence = "L5" if blocked else sentence or first.sentence
        raise mismatch

    def has_blocked(self, mismatch: Mismatch) -> bool:
        """Tell whether the log says that a call has blocked the event loop."""
        return "BlockingError" in self._evidence.log(mismatch).text

    def has_not_blocked(self, question: Question) -> None:
        """Raise Mismatch if the log says so: an error of the project may look like a failed call."""
        expected = self.lesson.message("never_blocks", path=question.path)
        for line in self._evidence.log(Mismatch(expected, "")).text.splitlines():
            if "BlockingError" in line:
                with agreed("L5"):
                    raise Mismatch(expected, line)

    def by_topic(self, question: Question, calls: list[Call]) -> dict[str, Call]:
        """Return the calls of one question by their topics. Raises Mismatch if they are about others."""
        topics, _ = TOPICS_OF[question.path]
        found: dict[str, Call] = {}
        for call in calls:
            topic = call.path.removeprefix("/")
            if topic not in topics or topic in found:
                with agreed("U1"):
                    asked = sorted(other.path for other in calls)
                    raise Mismatch(
                        f"upstream: {sorted(f'/{t}' for t in topics)}", f"upstream: {asked}"
                    )
            is_about(call, topic, question.city)
            found[topic] = call
        return found

    async def settle(self) -> None:
        """Let go of all that waits and forget it, so that something else can be asked."""
        await self._let_go()
        self._asked.clear()
        self.upstream.hold()

    async def answered(self, question: Question) -> None:
        """Wait for the answer to one question. Raises Mismatch if there will be none."""
        more = asyncio.create_task(self.upstream.until(lambda: bool(self._unseen())))
        either = asyncio.wait({question.request, more}, return_when=asyncio.FIRST_COMPLETED)
        try:
            await in_time(either, self._patience)
        finally:
            more.cancel()
            await asyncio.wait({more})
        if not question.request.done():
            self._refuse(self._unseen()[0], question.path)

    async def first_answered(self, questions: set[Question]) -> Question:
        """Return one of `questions`, once it is answered. Raises RanOut where none is."""
        requests = {question.request for question in questions}
        first = asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
        await in_time(first, self._patience)
        return next(question for question in questions if question.request.done())

    def asked_once(self, question: Question, count: int = 1) -> None:
        """Raise Mismatch if the project has made more calls about its city than `count`."""
        calls = [call for call in self.upstream.made() if city_of(call) == question.city]
        if len(calls) > count:
            self._note_calls()
            self._refuse(calls[-1], question.path)

    def _refuse(self, call: Call, path: str) -> None:
        self._note_calls()
        expected = self.lesson.message("no_further_call", path=path)
        with agreed("U3"):
            raise Mismatch(expected, f"upstream: GET {_address(call)}")

    def _unseen(self) -> list[Call]:
        return [call for call in self.upstream.present() if call not in self._seen]

    def _note_calls(self) -> None:
        for call in self._unseen():
            self._seen.add(call)
            self._visitor.timeline.note("upstream", "receives", f"GET {_address(call)}")

    def reply(self, call: Call, answer: Answer | None) -> None:
        """Let a call go, with `answer` or none; the story tells it."""
        call.reply(answer)
        if answer is None or answer.resets:
            self._visitor.timeline.note("upstream", "drops", f"GET {_address(call)}")
        else:
            told = f"HTTP {answer.status} {answer.sent.decode(errors='backslashreplace')}"
            self._visitor.timeline.note("upstream", "sends", told)

    def say(self, call: Call, text: str) -> None:
        """Answer a call with a text."""
        self.reply(call, Answer(as_json({"text": text}).encode()))

    async def taken(self, call: Call) -> None:
        """Wait until the project has read the answer to `call`, and had time to act on it."""
        await self.upstream.taken(call)
        await self.others_are_served()

    async def others_are_served(self) -> None:
        """Raise Mismatch unless somebody else gets an answer while the upstream is silent."""
        try:
            response = await in_time(self._visitor.get("/ping/"), self._patience)
        except Mismatch as silence:
            expected = self.lesson.message("others_are_served")
            with agreed("L1"):
                raise RanOut(expected, silence.actual) from None
        if response.status_code != 200:
            with agreed("P2"):
                raise Mismatch("/ping/: HTTP 200", shown("/ping/", response))

    async def end(self) -> None:
        """Let the project finish what it was asked, so that the next check finds it at rest."""
        # What comes of it is no part of the story, which ends with the check.
        self._visitor.timeline = Timeline()
        await self._let_go()

    async def _let_go(self) -> None:
        self.upstream.let_go()
        unanswered = [question.request for question in self._asked]
        if unanswered:
            await asyncio.wait(unanswered, timeout=AT_FIRST)
        self.upstream.let_go()  # what the project has asked meanwhile
        for request in unanswered:
            if not request.cancel() and not request.cancelled():
                request.exception()  # it was looked at, or does not matter any more


def is_about(call: Call, topic: str, city: str) -> None:
    """Raise Mismatch unless the call asks the upstream about that topic in that city."""
    if call.path != f"/{topic}":
        with agreed("U1"):
            raise Mismatch(f"upstream: GET /{topic}?city={city}", f"upstream: GET {_address(call)}")
    if (came := city_of(call)) != city:
        with agreed("U1"):
            raise Mismatch(*told_apart("upstream: city", city, came))


def is_text(where: str, text: str, content: dict[str, Any]) -> None:
    """Raise Mismatch unless `content` has `text` under that name."""
    if (came := content.get("text")) == text:
        return
    if isinstance(came, str):
        raise Mismatch(*told_apart(f"{where}: text", text, came))
    raise Mismatch(f"{where}: {compact({'text': text})}", f"{where}: {compact(content)}")


def content_of(path: str, response: httpx.Response, sentence: str) -> dict[str, Any]:
    """Return the JSON object of a good answer. Raises Mismatch, about `sentence`, for another."""
    content = _json(response)
    kind = response.headers.get("content-type", "")
    is_json = kind.partition(";")[0].strip().lower() == "application/json"
    if response.status_code == 200 and not is_json:
        with agreed("P8"):
            told = kind or "—"
            raise Mismatch(
                f"{path}: Content-Type: application/json", f"{path}: Content-Type: {told}"
            )
    if response.status_code != 200 or not isinstance(content, dict):
        with agreed(sentence):
            raise Mismatch(f"{path}: HTTP 200, JSON {{…}}", shown(path, response))
    return content


def has_failed(path: str, response: httpx.Response) -> None:
    """Raise Mismatch unless the answer tells that all the calls of its path have failed."""
    topics, _ = TOPICS_OF[path]
    if len(topics) > 1:
        parts = content_of(path, response, "E2")
        for topic in topics:
            is_failed_part(path, topic, parts)
    elif response.status_code < 400:
        with agreed("E3"):
            raise Mismatch(f"{path}: HTTP 400 …", shown(path, response))


def is_part(path: str, topic: str, text: str, parts: dict[str, Any], sentence: str = "P4") -> None:
    """Raise Mismatch, about `sentence`, unless the part about `topic` has this text."""
    part = parts.get(topic)
    with agreed(sentence):
        if not isinstance(part, dict):
            expected = f"{path}: {topic}: {compact({'text': text})}"
            raise Mismatch(expected, _instead(path, topic, parts))
        is_text(f"{path}: {topic}", text, part)


def is_some_part(path: str, topic: str, parts: dict[str, Any]) -> None:
    """Raise Mismatch unless the part about `topic` has a text."""
    part = parts.get(topic)
    if not isinstance(part, dict) or not isinstance(part.get("text"), str) or not part["text"]:
        raise Mismatch(f'{path}: {topic}: {{"text": "…"}}', _instead(path, topic, parts))


def is_failed_part(path: str, topic: str, parts: dict[str, Any]) -> None:
    """Raise Mismatch unless the part about `topic` is an error, and no text."""
    part = parts.get(topic)
    if isinstance(part, dict) and "text" not in part:
        error = part.get("error")
        if isinstance(error, str) and error.strip():
            return
    with agreed("E1"):
        raise Mismatch(f'{path}: {topic}: {{"error": "…"}}', _instead(path, topic, parts))


def _instead(path: str, topic: str, parts: dict[str, Any]) -> str:
    """Return what there is in the place of a part: where it is missing, the whole answer."""
    if topic in parts:
        return f"{path}: {topic}: {compact(parts[topic])}"
    return f"{path}: {compact(parts)}"


def city_of(call: Call) -> str | None:
    """Return the city that a call is about, None where it does not say."""
    cities = call.query.get("city", [None])
    return cities[-1]


def shown(path: str, response: httpx.Response) -> str:
    """Return an answer as data of a failure."""
    content = _json(response)
    told = f"{path}: HTTP {response.status_code}"
    if content is not None:
        return f"{told} {compact(content)}"
    # Of an error the server's log says more.
    kind = response.headers.get("content-type", "—")
    return f"{told}, {kind}: {compact(response.text)}" if response.status_code < 400 else told


def _address(call: Call) -> str:
    query = "&".join(f"{name}={value}" for name, values in call.query.items() for value in values)
    return f"{call.path}?{query}" if query else call.path


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def compact(content: object) -> str:
    """Return JSON, cut where it is long."""
    text = json.dumps(content, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]} …"
