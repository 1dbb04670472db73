"""How each named mistake of a lesson shows: `tests/signatures.json`, written by `verify --signatures`.

It is made from what the checks say, and only as good as it is young: whoever changes a mistake or a
check makes it anew. What is missing or old costs a hint and no mark.
"""

import hashlib
from pathlib import Path

import msgspec

from .mistakes import Mistake

_FILE = "tests/signatures.json"


class MistakesSignature(msgspec.Struct, frozen=True):
    """How a mistake shows: by the id of each check that it fails, in which way.

    `digest` is that of the mistake, which may have been changed since.
    """

    digest: str
    fails: dict[str, str]


def read_signatures(folder: Path) -> dict[str, MistakesSignature]:
    """Return what is known of the mistakes of the lesson in `folder`, by their ids."""
    try:
        content = (folder / _FILE).read_bytes()
    except OSError:
        return {}
    return msgspec.json.decode(content, type=dict[str, MistakesSignature])


def write_signatures(folder: Path, signatures: dict[str, MistakesSignature]) -> None:
    """Write what is known of the mistakes of the lesson in `folder`."""
    lines = [
        f" {msgspec.json.encode(name).decode()}: {msgspec.json.encode(signature).decode()}"
        for name, signature in sorted(signatures.items())
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (folder / _FILE).write_text(text, encoding="utf-8", newline="\n")


def digest_of(mistake: Mistake) -> str:
    """Return the digest of what a mistake changes."""
    changes = msgspec.json.encode([mistake.sections, mistake.files], order="sorted")
    return hashlib.sha256(changes).hexdigest()[:16]
