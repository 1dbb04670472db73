"""How a report is written as JSON: readable, and harmless to print."""

import json
import re

import msgspec

#: Controls, and marks that turn the direction of writing. Only JSON's texts can hold them, so that an
#: escape means the same.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
#: Halves of characters, as in names that are no UTF-8. No document may hold one, even as an escape.
_HALF = re.compile("[\ud800-\udfff]")


def json_file(document: object) -> bytes:
    """Return `document` as indented JSON in UTF-8; what cannot be seen is escaped."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    text = _HALF.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)
    # Indented by msgspec: the json module takes ten times as long for that.
    return msgspec.json.format(text.encode(), indent=2) + b"\n"
