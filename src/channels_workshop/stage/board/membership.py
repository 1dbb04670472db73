"""Who is in the class: names as they are shown, the class's code, and a token for each learner."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection

from .limits import LONGEST_NAME

#: Bytes of a token's secret half.
_SECRET = 24


def tidied(name: str) -> str:
    """Return `name` as it is shown: on one line, without what is invisible; empty if nothing is left.

    Marks that turn the direction of a text, or are stacked on one letter, would spoil the line of
    somebody else.
    """
    kept: list[str] = []
    stacked = 0
    for letter in unicodedata.normalize("NFC", name):
        kind = unicodedata.category(letter)
        stacked = stacked + 1 if kind == "Mn" else 0
        if kind[0] == "Z" or letter in "\t\n\r":
            kept.append(" ")
        elif kind[0] != "C" and stacked <= 2:
            kept.append(letter)
    return " ".join("".join(kept).split())[:LONGEST_NAME].rstrip()


def told_apart(name: str, taken: Collection[str]) -> str:
    """Return `name`, or where it is taken, in whatever capitals, the next that is free: `Anna (2)`."""
    folded = {other.casefold() for other in taken}
    number, wanted = 1, name
    while wanted.casefold() in folded:
        number += 1
        ending = f" ({number})"
        wanted = name[: LONGEST_NAME - len(ending)] + ending
    return wanted


def new_token(learner: int) -> str:
    """Return a token for the learner of that number: only its digest is kept on the board."""
    return f"{learner}.{secrets.token_urlsafe(_SECRET)}"


def digest(token: str) -> str:
    """Return what the board keeps of a token. It is long and random: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def number_in(token: str) -> int | None:
    """Return the number of the learner whose token this claims to be, None where it is no token."""
    number, _dot, secret = token.partition(".")
    return (
        int(number)
        if secret and number.isascii() and number.isdigit() and len(number) < 9
        else None
    )


def fits(token: str, kept: str) -> bool:
    """Return whether `kept` is the digest of `token`; it takes as long whether it is or not."""
    return hmac.compare_digest(digest(token), kept)
