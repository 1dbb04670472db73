"""The postcards of lesson 01 as a browser sends and reads them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from channels_workshop.judging.client import Client
from channels_workshop.judging.evidence import Evidence
from channels_workshop.judging.mismatch import Mismatch, agreed, given
from page import TOKEN, Page
from questions import compact, content_of
from shown import told_apart

SENDING = "/postcards/send/"
READING = "/postcards/"


@dataclass(frozen=True)
class Postcard:
    """Where it is from, and its words."""

    city: str
    text: str


class Postbox:
    """Postcards of one project, seen from one browser."""

    def __init__(self, visitor: Client, evidence: Evidence) -> None:
        self.visitor = visitor
        self._evidence = evidence
        self._token: str | None = None

    def begin_anew(self) -> None:
        """What was done so far went well: only what follows matters for the story and the log."""
        self._evidence.timeline.moments.clear()
        server = self.visitor.server
        self._evidence.watch(server, server.log_size())

    async def token(self) -> str:
        """Return the token of the page, which is opened first, as people do before they send a form."""
        if self._token is None:
            form = (await Page.opened(self.visitor)).form
            assert form
            self._token = form[TOKEN]
        return self._token

    async def send(
        self,
        to: str,
        postcard: Postcard,
        *,
        multipart: bool = False,
        headers: dict[str, str] | None = None,
        sentence: str = "P6",
        **more: str,
    ) -> None:
        """Send a postcard, with `more` fields. Raises Mismatch, about `sentence`, unless it is a 201."""
        form = {**more, "to": to, "city": postcard.city, "text": postcard.text}
        with given(compact(form)):
            token = await self.token()
            whole = {**form, TOKEN: token}
            response = await self.post(whole, multipart=multipart, headers=headers)
            if response.status_code != 201:
                mismatch = Mismatch(
                    f"POST {SENDING}: HTTP 201", f"POST {SENDING}: HTTP {response.status_code}"
                )
                with agreed(self._sentence(mismatch, sentence)):
                    raise mismatch

    async def post(
        self, form: dict[str, str], *, multipart: bool = False, **options: Any
    ) -> httpx.Response:
        """Send a form as it is. The story tells what was sent."""
        told = {name: value for name, value in form.items() if name != TOKEN}
        self.visitor.timeline.note(self.visitor.who, "sends", f"POST {SENDING} {compact(told)}")
        if multipart:
            options["files"] = {name: (None, value) for name, value in form.items()}
        else:
            options["data"] = form
        return await self.visitor.post(SENDING, **options)

    async def received_by(self, to: str, *, accept: str = "*/*", **more: str) -> list[Postcard]:
        """Return the postcards to one person. Raises Mismatch for another sort of answer."""
        self.visitor.timeline.note(self.visitor.who, "sends", f"GET {READING}?to={to}")
        response = await self.visitor.get(
            READING, params={**more, "to": to}, headers={"Accept": accept}
        )
        with given(f"to={to}"):
            try:
                content = content_of(READING, response, "P7")
            except Mismatch as mismatch:
                mismatch.sentence = self._sentence(mismatch, mismatch.sentence or "P7")
                raise
            cards = content.get("postcards")
            if not isinstance(cards, list) or not all(map(_is_postcard, cards)):
                expected = f'{READING}: {{"postcards": [{{"city": "…", "text": "…"}}, …]}}'
                with agreed("P7"):
                    raise Mismatch(expected, f"{READING}: {compact(content)}")
        return [Postcard(card["city"], card["text"]) for card in cards]

    def _sentence(self, mismatch: Mismatch, otherwise: str) -> str:
        """Return which sentence was not kept, as far as the log tells."""
        log = self._evidence.log(mismatch).text
        blocked = "SynchronousOnlyOperation" in log or "BlockingError" in log
        return "L5" if blocked else otherwise

    async def has(self, to: str, postcards: list[Postcard], sentence: str | None = None) -> None:
        """Raise Mismatch unless just these postcards have come to that person, in this order."""
        compare(to, postcards, await self.received_by(to), sentence)


def compare(
    to: str, expected: list[Postcard], actual: list[Postcard], sentence: str | None = None
) -> None:
    """Raise Mismatch unless both are the same postcards in the same order.

    It is about `sentence`, else about the one that fits the difference.
    """
    if expected == actual:
        return
    more = Counter(actual) - Counter(expected)
    if len(actual) > len(expected) and not set(more) <= set(expected):
        fitting = "C3"
    elif len(actual) == len(expected) and more:
        fitting = "C4"
    else:
        fitting = "C2"
    with agreed(sentence or fitting):
        if fitting == "C4":
            sent, came = next(
                pair for pair in zip(expected, actual, strict=True) if pair[0] != pair[1]
            )
            name = "text" if sent.city == came.city else "city"
            with given(getattr(sent, name)):
                where = f"{READING}: {name}"
                raise Mismatch(*told_apart(where, getattr(sent, name), getattr(came, name)))
        raise Mismatch(listed(to, expected), listed(to, actual))


def listed(to: str, postcards: list[Postcard]) -> str:
    """Return the postcards to one person as data of a failure."""
    shown = compact([[card.city, card.text] for card in postcards])
    return f"{READING}?to={to}: {len(postcards)} {shown}"


def _is_postcard(card: object) -> bool:
    return (
        isinstance(card, dict)
        and isinstance(card.get("city"), str)
        and isinstance(card.get("text"), str)
    )
