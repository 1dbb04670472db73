"""How two texts are shown that differ in a place that is hard to see."""

import json
import unicodedata


def as_json(content: object) -> str:
    """Return JSON in which every letter stands for itself."""
    return json.dumps(content, ensure_ascii=False)


def told_apart(where: str, expected: str, actual: object) -> tuple[str, str]:
    """Return both as data of a failure; where they look alike, with what differs first."""
    sides = expected, actual if isinstance(actual, str) else str(actual)
    place = next(
        (i for i, (one, other) in enumerate(zip(*sides, strict=False)) if one != other),
        min(map(len, sides)),
    )
    shown = [f"{where}: {_around(side, place)}" for side in sides]
    if _look_alike(*sides, place):
        shown = [
            f"{told} [{place + 1}: {_named(side, place)}]"
            for told, side in zip(shown, sides, strict=True)
        ]
    return shown[0], shown[1]


def _around(text: str, place: int) -> str:
    """Return what stands around a place, and how long the text is where that is not all of it."""
    begin, end = max(0, place - 20), place + 40
    if begin == 0 and len(text) <= end:
        return as_json(text)
    before, behind = "… " if begin else "", " …" if len(text) > end else ""
    return f"{before}{as_json(text[begin:end])}{behind} ({len(text)})"


def _look_alike(expected: str, actual: str, place: int) -> bool:
    """Tell whether a reader may not see what differs: one character, or what cannot be seen."""
    rest = expected[place + 1 :], actual[place + 1 :]
    chars = expected[place : place + 1], actual[place : place + 1]
    plain = all(char.isascii() and char.isprintable() and char != " " for char in chars if char)
    unseen = any(unicodedata.category(char)[0] in "MCZ" for char in chars if char)
    return not plain and (unseen or rest[0] == rest[1])


def _named(text: str, place: int) -> str:
    if place >= len(text):
        return "—"
    name = unicodedata.name(text[place], "")
    return f"U+{ord(text[place]):04X} {name}".strip()
