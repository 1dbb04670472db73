"""What anybody can read who gets hold of a file, or of what Redis keeps."""

import re
import zlib
from base64 import b16encode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress

#: Bytes of what is packed, in one place and in all. A few of them may stand for any number.
_LONGEST_SESSION, _ALL_SESSIONS = 2**20, 2**24


def find_secret(secrets: Iterable[str], content: bytes) -> str | None:
    """Return the first of `secrets` that can be read from `content`; None where none can."""
    readable = b"\n".join(_unpacked(content))
    for secret in secrets:
        if any(form in readable for form in _forms(secret.encode())):
            return secret
    return None


def _forms(secret: bytes) -> Iterator[bytes]:
    """Yield what a secret can be read from: itself, backwards, in hex, in base64."""
    # In base64 the same bytes look in three ways, by their place; the ends depend on neighbours.
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"x" * before + secret)[4 if before else 0 : -4]
    yield from (secret, secret[::-1], b16encode(secret), b16encode(secret).lower())


def _unpacked(content: bytes) -> Iterator[bytes]:
    """Yield it, and what in it is packed as Django packs a session: in base64, compressed or not."""
    yield content
    left = _ALL_SESSIONS
    for found in re.finditer(rb"[\w-]{40,}", content):
        if left <= 0:
            return
        with suppress(ValueError, zlib.error):
            packed = urlsafe_b64decode(found[0] + b"=" * (-len(found[0]) % 4))
            session = zlib.decompressobj().decompress(packed, _LONGEST_SESSION)
            left -= len(session)
            yield session
