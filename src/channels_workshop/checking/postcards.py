"""The postcards of lesson 01 as a browser sends and reads them."""

import contextlib
from dataclasses import dataclass

from .agreement import Departure
from .client import Client

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
            raise Departure("GET /: HTTP 200, csrftoken", f"GET /: HTTP {response.status_code}")
        return cls(visitor, token)

    async def send(self, to: str, postcard: Postcard) -> None:
        """Send a postcard. Raises Departure unless the answer is 201."""
        form = {"to": to, "city": postcard.city, "text": postcard.text}
        headers = {"X-CSRFToken": self._token}
        response = await self.visitor.post(SENDING, data=form, headers=headers)
        if response.status_code != 201:
            raise Departure(f"POST {SENDING}: HTTP 201", f"HTTP {response.status_code}")

    async def received_by(self, to: str) -> list[Postcard]:
        """Return the postcards to one person. Raises Departure for another sort of answer."""
        response = await self.visitor.get(READING, params={"to": to})
        if response.status_code == 200:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                cards = response.json()["postcards"]
                return [Postcard(card["city"], card["text"]) for card in cards]
        agreed = f'GET {READING}: HTTP 200, {{"postcards": [{{"city": …, "text": …}}, …]}}'
        raise Departure(agreed, _told(response.status_code, response.text))

    async def has(self, to: str, postcards: list[Postcard]) -> None:
        """Raise Departure unless just these postcards have come to that person, in this order."""
        received = await self.received_by(to)
        if received != postcards:
            raise Departure(_listed(postcards), _listed(received))


def _told(status: int, text: str) -> str:
    return f"HTTP {status}" + (f" {text[:100]}" if status == 200 else "")


def _listed(postcards: list[Postcard]) -> str:
    return "postcards: " + str([[card.city, card.text] for card in postcards])
