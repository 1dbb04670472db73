"""The postcards of lesson 01 as a browser sends and reads them."""

import contextlib
import json
from dataclasses import dataclass

from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch, expect, given
from channels_workshop.judging.timeline import shortened

SENDING = "/postcards/send/"
READING = "/postcards/"


@dataclass(frozen=True)
class Postcard:
    """Where it is from, and its words."""

    city: str
    text: str


class Postbox:
    """Postcards of one project, seen from one browser."""

    def __init__(self, visitor: Client, token: str) -> None:
        self.visitor = visitor
        self._token = token

    @classmethod
    async def before(cls, visitor: Client) -> "Postbox":
        """Open the page, as people do before they send a form: it hands out the CSRF cookie."""
        response = await visitor.get("/")
        token = response.cookies.get("csrftoken")
        if response.status_code != 200 or token is None:
            raise Mismatch("GET /: HTTP 200, csrftoken", f"GET /: HTTP {response.status_code}")
        return cls(visitor, token)

    async def send(self, to: str, postcard: Postcard) -> None:
        """Send a postcard. Raises Mismatch unless the answer is 201."""
        form = {"to": to, "city": postcard.city, "text": postcard.text}
        headers = {"X-CSRFToken": self._token}
        with given(json.dumps(form, ensure_ascii=False)):
            self.visitor.timeline.note(self.visitor.who, "sends", form)
            response = await self.visitor.post(SENDING, data=form, headers=headers)
            expect(f"POST {SENDING}: HTTP 201", f"POST {SENDING}: HTTP {response.status_code}")

    async def received_by(self, to: str) -> list[Postcard]:
        """Return the postcards to one person. Raises Mismatch for another sort of answer."""
        self.visitor.timeline.note(self.visitor.who, "sends", f"GET {READING}?to={to}")
        response = await self.visitor.get(READING, params={"to": to})
        if response.status_code == 200:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                cards = response.json()["postcards"]
                return [Postcard(card["city"], card["text"]) for card in cards]
        expected = f'GET {READING}: HTTP 200, {{"postcards": [{{"city": …, "text": …}}, …]}}'
        raise Mismatch(expected, _answer(response.status_code, response.text))

    async def has(self, to: str, postcards: list[Postcard]) -> None:
        """Raise Mismatch unless just these postcards have come to that person, in this order."""
        expect(listed(to, postcards), listed(to, await self.received_by(to)))


def listed(to: str, postcards: list[Postcard]) -> str:
    """Return the postcards to one person as data of a failure."""
    return f"{to}: {[[card.city, card.text] for card in postcards]}"


def _answer(status: int, text: str) -> str:
    return f"GET {READING}: HTTP {status}" + (f" {shortened(text)}" if status == 200 else "")
