"""Credentials: what a caller shows to say who it is, as it stands in the request.

Nothing is looked up here. What cannot be good, whatever is in the database, is bad already.
"""

from typing import Literal, NamedTuple
from urllib.parse import parse_qsl


class Credential(NamedTuple):
    """One thing shown, and its text: anybody may have written that."""

    kind: Literal["token", "ticket"]
    text: str


class BadCredential(Exception):
    """Something was shown, and it is no credential. What was wrong stays with us."""


# --8<-- [start:read]
def read_authorization(value):
    """Return the credential in the text of an `Authorization` header, or raise BadCredential."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadCredential
    return Credential("token", token)


def read_credential(headers, query_string):
    """Return the one credential of a handshake, None if there is none, or raise BadCredential.

    `headers` are pairs of bytes, `query_string` is bytes: as they stand in the scope.
    """
    # Latin-1 has a character for every byte: this never fails.
    shown = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
    query = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    tickets = [value for name, value in query if name == "ticket"]
    if len(shown) + len(tickets) > 1:
        raise BadCredential
    if shown:
        return read_authorization(shown[0])
    if tickets:
        return Credential("ticket", tickets[0])
    return None


# --8<-- [end:read]
