"""What somebody may show at a door: every class of it, with random tails.

A credential is well written, or spoilt, or none at all; here stands how. What has to come of it is
for the checks to say.
"""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from .accounts import Headers, Shown, bearer

#: More names than Django reads in a form (`DATA_UPLOAD_MAX_NUMBER_FIELDS`): it raises.
_MANY_NAMES = "a&" * 1_200
#: A header of this size is let through by every server; a longer line is not (uvicorn: 8 KiB).
LONG = 6_000


def good_headers(token: str, source: random.Random) -> Iterator[Shown]:
    """Yield every way in which a good token may be shown."""
    mixed = "".join(source.choice([letter.lower(), letter.upper()]) for letter in "bearer")
    for scheme in ("Bearer", "bearer", "BEARER", mixed):
        yield Shown(f"a token after {scheme}", [("Authorization", f"{scheme} {token}")])
    for name in ("authorization", "AUTHORIZATION"):
        yield Shown(f"a token, in {name}", [(name, f"Bearer {token}")])
    for query in (
        "tea=green",
        "debug",
        "%FF=%FF&&a",
        "Ticket=x&tickets=x&ticket%5B%5D=x",
        "=",
        "a==",
    ):
        yield Shown("a token beside a query", bearer(token), query)
    others = [
        ("Cookie", "theme=dark; ticket=x; token=x"),
        ("X-Token", "x"),
        ("Proxy-Authorization", "Basic YW5uOmFubg=="),
    ]
    yield Shown("a token after other headers", [*others, *bearer(token)])
    yield Shown("a token before other headers", [*bearer(token), *others])


#: Every place of a query in which a ticket may stand.
_PLACES = [
    "{}",
    "tea=green&{}",
    "{}&tea=green",
    "debug&{}",
    "{}&debug",
    "a=1&a=2&{}&b=",
    "%FF=%FF&{}&%C3=%00",
    "a=x%3D%26ticket%3Dx&{}",
    "name=ticket&{}",
    "a==&{}",
    "&&{}&&",
    "tickets=x&Ticket=x&{}&ticket%5B%5D=x",
    "token=x&{}",
    "a=b+c&{}&d=%2B",
    "a=1;b=2&{}",
    "long=" + "x" * 2_000 + "&{}",
    "&".join(f"a{n}={n}" for n in range(100)) + "&{}",
]


def good_queries(source: random.Random) -> Iterator[tuple[str, str]]:
    """Yield every way in which a ticket may be written: what it is, and a query to put it into.

    The query has `{}` where the ticket stands; see `written`.
    """
    for place in _PLACES:
        yield "a ticket in the query", place.format("ticket={}")
    escaped = "".join(f"%{byte:02x}" for byte in b"ticket")
    some_escaped = "".join(source.choice([f"%{ord(c):02X}", c]) for c in "ticket")
    for name in ("%74icket", escaped, some_escaped):
        yield "a percent-encoded name", name + "={}"
    yield "a percent-encoded ticket", "tea=green&ticket={all}"
    yield "a percent-encoded ticket", "ticket={lower}&tea=green"
    yield "a half-encoded ticket", "ticket={half}"


def written(query: str, ticket: str) -> str:
    """Return `query` with the ticket in its place, percent-encoded as the place wants it."""
    encoded = [f"%{byte:02X}" for byte in ticket.encode()]
    half = [quote(c, safe="") if n % 2 else encoded[n] for n, c in enumerate(ticket)]
    return query.format(
        quote(ticket, safe=""),
        all="".join(encoded),
        lower="".join(encoded).lower(),
        half="".join(half),
    )


@dataclass(frozen=True)
class Several:
    """More than one credential; `query` has a `{}` for each of the `tickets` that it needs."""

    what: str
    headers: Headers
    query: str = ""

    @property
    def tickets(self) -> int:
        """How many tickets it needs."""
        return self.query.count("{}")

    def shown(self, *tickets: str) -> Shown:
        """Return it with those tickets."""
        codes = [quote(ticket, safe="") for ticket in tickets]
        return Shown(self.what, self.headers, self.query.format(*codes))


def two_at_once(token: str, another: str) -> Iterator[Several]:
    """Yield every way to show more than one credential, good ones among them."""
    (first,), (second,) = bearer(token), bearer(another)
    bad = ("Authorization", "Bearer x")
    basic = ("Authorization", "Basic YW5uOmFubg==")
    empty = ("Authorization", "")
    small = ("authorization", first[1])
    yield Several("two tokens", [first, second])
    yield Several("the same token twice", [first, first])
    yield Several("a token, then a bad one", [first, bad])
    yield Several("a bad token, then a good one", [bad, first])
    yield Several("a token, then Basic", [first, basic])
    yield Several("Basic, then a token", [basic, first])
    yield Several("a token, then an empty header", [first, empty])
    yield Several("an empty header, then a token", [empty, first])
    yield Several("two tokens, names in two cases", [small, second])
    yield Several("two tokens in one header", [("Authorization", f"{first[1]}, {second[1]}")])
    yield Several("two tickets", [], "ticket={}&ticket={}")
    yield Several("two tickets among others", [], "ticket={}&tea=green&%74icket={}")
    yield Several("a ticket, then a bad one", [], "ticket={}&ticket=x")
    yield Several("a bad ticket, then a good one", [], "ticket=x&ticket={}")
    yield Several("an empty ticket, then a good one", [], "ticket=&ticket={}")
    yield Several("a ticket, then an empty one", [], "ticket={}&ticket")
    yield Several("a token and a ticket", [first], "ticket={}")
    yield Several("a token and a bad ticket", [first], "ticket=x")
    yield Several("a token and an empty ticket", [first], "ticket=")
    yield Several("a bad token and a ticket", [bad], "ticket={}")
    yield Several("Basic and a ticket", [basic], "ticket={}")


def twice(ticket: str) -> Shown:
    """Return one ticket, shown twice in the same handshake."""
    code = quote(ticket, safe="")
    return Shown("the same ticket twice", query=f"ticket={code}&ticket={code}")


def spoilt(secret: str, source: random.Random) -> Iterator[tuple[str, str]]:
    """Yield what is nearly a good secret: what was done to it, and what came of it."""
    at = source.randrange(1, len(secret) - 1)
    other = chr(ord(secret[at]) ^ 1)
    changes = {
        "in small letters": secret.lower(),
        "in capitals": secret.upper(),
        "in the other case": secret.swapcase(),
        "without its last letter": secret[:-1],
        "without its first letter": secret[1:],
        "its first half": secret[: len(secret) // 2],
        "with a letter more": secret + "x",
        "with a letter before": "x" + secret,
        "with one letter changed": secret[:at] + other + secret[at + 1 :],
        "with its last letter changed": secret[:-1] + chr(ord(secret[-1]) ^ 1),
        "twice": secret * 2,
        "backwards": secret[::-1],
        "in quotes": f'"{secret}"',
        "in base64": base64.b64encode(secret.encode()).decode(),
        "percent-encoded once too often": "".join(f"%{byte:02X}" for byte in secret.encode()),
        "as SHA-256": hashlib.sha256(secret.encode()).hexdigest(),
        "as MD5": hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest(),
    }
    for what, text in changes.items():
        if text != secret and all(0x21 <= ord(letter) < 0x7F for letter in text):
            yield what, text


def empty_ones(token: str) -> Iterator[Shown]:
    """Yield what was shown, and is empty, or of another scheme."""
    for value in ("", "Bearer", "bearer", "Basic YW5uOmFubg==", f"Basic {token}", token):
        yield Shown("an empty header" if not value else "a bad header", [("Authorization", value)])
    for value in (f"Token {token}", f"Bearer{token}", f'Bearer token="{token}"', f"Bearer={token}"):
        yield Shown("a bad header", [("Authorization", value)])
    for value in (f"Bearer {token} x", f"Bearer {token} {token}", f"Bearer x {token}"):
        yield Shown("a bad header", [("Authorization", value)])
    for query in ("ticket", "ticket=", "ticket=&tea=green", "tea=green&ticket", "%74icket="):
        yield Shown("an empty ticket", query=query)


#: Bytes that are no text, or no part of a credential: whoever leaves them out finds a good one.
_UNREADABLE = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x8d", b"\xc3\xa9", b"\xe2\x80\x8b"]


def unreadable(token: str, ticket: str) -> Iterator[Shown]:
    """Yield a good token and a good ticket with bytes before, in and behind them that are no text."""
    for more in _UNREADABLE:
        escaped = "".join(f"%{byte:02X}" for byte in more)
        for secret in _with(more.decode("latin-1"), token):
            yield Shown("a token with bytes in it", bearer(secret))
        for secret in _with(escaped, *map(quote, _halves(ticket))):
            yield Shown("a ticket with bytes in it", query=f"ticket={secret}")
    raw = "\xff"
    for scheme in _with(raw, "Bearer"):
        yield Shown("a scheme with bytes in it", [("Authorization", f"{scheme} {token}")])
    for secret in _with("%00", *map(quote, _halves(ticket))):
        yield Shown("a ticket with a null in it", query=f"ticket={secret}")


def _halves(secret: str) -> tuple[str, str]:
    return secret[: len(secret) // 2], secret[len(secret) // 2 :]


def _with(more: str, *parts: str) -> Iterator[str]:
    """Yield a text, in two parts or in one, with `more` before, in and behind it."""
    first, second = parts if len(parts) == 2 else _halves(*parts)
    yield from (more + first + second, first + more + second, first + second + more)


def nothing_else(token: str, ticket: str) -> Iterator[Shown]:
    """Yield a good token and a good ticket in places where nothing that counts can stand."""
    good, code = quote(token, safe=""), quote(ticket, safe="")
    for name in ("token", "access_token", "auth_token", "key", "bearer", "Token"):
        yield Shown("a token in the query", query=f"{name}={good}")
    yield Shown("a token in the query", query=f"Authorization=Bearer%20{good}")
    yield Shown("a token as the query", query=good)
    names = ["Ticket", "TICKET", "tickets", "ticket%5B%5D", "ticket%20", "t", "xticket"]
    for name in (*names, "ticket%FF", "%FFticket", "tic%C3ket"):
        yield Shown("a ticket of another name", query=f"{name}={code}")
    yield Shown("a ticket of another name", query=f"a=ticket&b={code}")
    for name in ("X-Authorization", "Proxy-Authorization", "X-Token", "Authentication"):
        yield Shown("a token in another header", [(name, f"Bearer {token}")])
    for name in ("token", "Authorization", "access_token"):
        yield Shown("a token in a cookie", [("Cookie", f"{name}={token}")])
    yield Shown("a ticket in a cookie", [("Cookie", f"ticket={ticket}")])
    yield Shown("a ticket in a header", [("X-Ticket", ticket)])
    if token.replace("-", "").replace("_", "").isalnum():  # what a subprotocol may hold
        for offered in (["chat", token], ["bearer", token], [token]):
            yield Shown("a token as subprotocol", subprotocols=offered)


def garbage(source: random.Random) -> Iterator[Shown]:
    """Yield bytes of every kind that a server lets through, from the header and the query."""
    letters = [chr(number) for number in range(0x21, 0x7F)]
    high = [chr(number) for number in range(0x80, 0x100)]
    noise = "".join(source.choices(high, k=source.randrange(3, 40)))
    both = "".join(source.choices(letters + high, k=source.randrange(50, 400)))
    text = json.dumps(source.choice(["чай", "🍵", "é"]), ensure_ascii=False).encode()
    for value in (
        *("Bearer \xff\xfe", "\xff", "Bearer \xc3", "Bearer " + noise, noise, "Bearer " + both),
        *("Bearer " + "x" * LONG, "x" * LONG, "Bearer " + "\xff" * 1_000, "Bearer x y z"),
        *("Bearer " + text.decode("latin-1"), "Bearer 0", "Bearer None", "Bearer null", ","),
        *("Bearer ' OR 1=1 --", "Bearer %00", "Bearer %ED%A0%80", "Bearer ==", "Bearer .", ":"),
    ):
        yield Shown("garbage in the header", [("Authorization", value)])
    percent = "".join(f"%{source.randrange(256):02X}" for _ in range(source.randrange(3, 40)))
    for value in (
        *("%", "%FF%FE", "%00", "%ED%A0%80", "%C3", "%u0041", "%zz", "%2", "=", "==", "+", "%2B"),
        *("x" * LONG, "%25" * 2_000, "%D1%87%D0%B0%D0%B9", "\u00e9", "?", "'%20OR%201=1", percent),
        *("None", "null", "0", "[]", "%0A%0D", "x;ticket=y", "x%26ticket=y"),
    ):
        yield Shown("garbage in the query", query=f"ticket={value}")
    for query in (
        "%",
        "=",
        "==",
        "&&=&",
        "?",
        "%FF",
        "=ticket",
        "%00=%00",
        "a=%ED%A0%80",
        "&" * 900,
        _MANY_NAMES,
    ):
        yield Shown("a query of garbage", query=query)
