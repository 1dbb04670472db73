"""Every class of room name and of path: names that are allowed, twins, refused ones, other paths.

Random words make them unknown beforehand. Not among them are names that the agreement leaves alone:
`.` and `..`, the empty name, and bytes that are not UTF-8.
"""

import base64
import hashlib
import html
import string
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ..judging.some import Some
from ..judging.texts import around, blank, long, texts

LONGEST = 200

#: Which are no room's: see R1. A slash is none of them: it makes another path.
CONTROL = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"]
#: Which have the same checksum, whatever stands before them: the same letters, CRC-32, Adler-32, and
#: the sums that programmers write themselves, with 33 and with 31.
_SAME_SUM = [("tea", "eat"), ("plumless", "buckeroo"), ("aca", "bab"), ("Az", "BY"), ("Aa", "BB")]
#: Of which twelve hexadecimal digits of a digest are the same, found among fifty million names: as many
#: as a cut digest may have that somebody can find a pair for on a laptop. By what makes the digest, and
#: which digits these are.
SAME_DIGEST = {
    ("md5", "first"): ("room 1748833", "room 31035712"),
    ("sha1", "first"): ("room 10572935", "room 36319920"),
    ("sha256", "first"): ("room 67234599", "room 69342156"),
    ("sha256", "last"): ("room 20155492", "room 24732481"),
    ("sha512", "first"): ("room 6919936", "room 32055579"),
    # With a `digest_size` of 6, which makes another digest of it and not the same one, cut.
    ("blake2b", "all"): ("room 2929396", "room 14151346"),
}
#: How many of the texts of all kinds are taken for names in one run.
_TEXTS = 24


def allowed_names(some: Some) -> list[str]:
    """Return names of every class that a room may have (R1, P7), each once."""
    word = some.word()
    names = [
        "x",
        some.random.choice("茶чé🍵"),
        f"комната {word}",
        f"my-room-{word}",
        f"чай и кофе {word}",
        f"👩🏽‍💻 {word}",
        # With a prefix, the one or the other is too long for the name of a group.
        *(long(length, some) for length in (90, 94, 95, 99, 100, 101)),
        *(text.text for text in around(LONGEST, some)[:2]),
        *(long(LONGEST, some, filling) for filling in ("ж", "茶", "🍵", "e\u0301")),
        f"every sign of ASCII {word} {string.punctuation.replace('/', '')}",
        *(f"{word}{sign}" for sign in "?#%&+;:=@,.'\"\\<>~!*()[]{}|^`$"),
        f"100%{word}",
        f"{word}%2Fb",
        f"{word}%0A",
        "%20",
        f"&#10;{word}",
        f"%41{word}%2F%",
        f".{word}",
        f"...{word}..",
        "...",
        f"<b class={word}>{{{{ {word} }}}}",
        f"{word}&amp;b",
        f"&lt;{word}&gt; &#38; &copy;",
        f" {word} ",
        f"\N{NO-BREAK SPACE}{word}\N{IDEOGRAPHIC SPACE}",
        "\N{ZERO WIDTH SPACE}",
        "\ufeff",
        f"{word}\U0010ffff\ue000\ufdd0",
        f"\N{RIGHT-TO-LEFT OVERRIDE}{word}",
        "0",
        "null",
        "websocket.disconnect",
    ]
    others = [text.text for text in texts(some) if is_allowed(text.text)]
    return list(dict.fromkeys(names + some.random.sample(others, _TEXTS)))


def is_allowed(name: str) -> bool:
    """Tell whether a room may have that name, and the agreement speaks of it."""
    # Line ends are control characters, or two characters beside them: see CONTROL.
    return (
        len(name) <= LONGEST
        and bool(name.strip())
        and not any(char in name for char in ["/", *CONTROL])
        and name not in (".", "..")
    )


def twins(some: Some) -> list[str]:
    """Return names that careless cleaning, cutting, folding or decoding makes one (R2)."""
    return [name for name in dict.fromkeys(_twins(some)) if is_allowed(name)]


def _twins(some: Some) -> Iterator[str]:
    word = some.word()
    for between in (
        *" -_.+~'*!(){}:;,&=?#%",
        "",
        "  ",
        "\N{NO-BREAK SPACE}",
        "\N{ZERO WIDTH SPACE}",
    ):
        yield f"{word}{between}b"
    # A bare plus stands beside a plus that is encoded.
    for between in ("++", "+ ", " +"):
        yield f"{word}{between}b"
    for written in ("%20", "%2B", "%2520", "_20", "-20", ".20", "20", "\\x20", "&#32;", "&amp;"):
        yield f"{word}{written}b"
    for name in (word, word.upper(), word.capitalize(), f"{word}B", f"{word}б"):
        yield name
    for name in (f"{word} ", f" {word}", f"{word}.", f"{word}-", f"{word}_", f"{word}0", word[:-1]):
        yield name
    # As one character, as two, in the form of another letter, and as an encoding would write it.
    for letter in ("é", "e\u0301", "e", "è", "\\xe9", "%C3%A9", "c3a9", "&eacute;", "É"):
        yield f"{word}{letter}"
    for letter in ("ﬁ", "fi", "ß", "ss", "ｔｅａ", "tea", "а", "a", "①", "1", "１", "0", "O"):
        yield f"{word}-{letter}"
    for name in ("👍", "👍🏽", "👍\ufe0f", "❤", "❤\ufe0f"):
        yield f"{word} {name}"
    for filling in ("x", "ж"):
        tail = some.word()
        for last in "ab":
            yield filling * (LONGEST - len(tail) - 1) + tail + last
            yield last + filling * (LONGEST - len(tail) - 1) + tail
    for pair in _SAME_SUM:
        for name in pair:
            yield f"{word} {name}"
    for pair in SAME_DIGEST.values():
        yield from pair
    # Names of which a group may well be called by another form, and rooms that have this for a name.
    for name in (f"чай {word}", long(150, some)):
        yield name
        yield from _other_forms(name)


def _other_forms(name: str) -> Iterator[str]:
    """Yield what plain ASCII is made of `name`: digests, whole and cut, and encodings."""
    content = name.encode()
    for digest in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        hexadecimal = hashlib.new(digest, content, usedforsecurity=False).hexdigest()
        yield from (hexadecimal, hexadecimal[:32])
    for namespace in (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL):
        yield str(uuid.uuid5(namespace, name))
    yield content.hex()
    for encode in (base64.b32encode, base64.urlsafe_b64encode):
        yield from (encode(content).decode(), encode(content).decode().rstrip("="))
    yield from (quote(name, safe=""), quote_plus(name), name.encode("punycode").decode())
    for sign in "_-.":
        yield quote(name, safe="").replace("%", sign)


#: Refused names that fail, or are made into others, where they stand in a text that is completed later.
WITH_PLACES = [
    f"{sign}\n"
    for sign in ("{", "{}", "{0}", "{1}", "{room}", "%", "%s", "%d", "%(room)s", "${room}")
]


def refused_names(some: Some) -> list[str]:
    """Return names of every class that no room has (R1); the ends of a line in each place."""
    names = [text.text for text in blank(some) if text.text]
    for char in ["\n", "\r", "\0", *some.random.sample(CONTROL, 12), "\x7f", "\x85", "\x9f"]:
        names += [
            f"{some.word()}{char}{some.word()}",
            f"{some.word()}{char}",
            f"{char}{some.word()}",
        ]
    names += [*CONTROL[-2:], *(f"tea{char}" for char in CONTROL[-2:])]
    names += [long(LONGEST + 1, some, filling) for filling in ("x", "ж", "🍵", "e\u0301", " ")]
    names += ["x" * LONGEST + " ", " " * (LONGEST + 1), long(5 * LONGEST, some)]
    names += WITH_PLACES
    return list(dict.fromkeys(names))


#: What careless code does to a name before it looks at it.
_CARELESS: list[Callable[[str], str]] = [
    str.strip,
    str.lower,
    unquote,
    unquote_plus,
    html.unescape,
    lambda name: " ".join(name.split()),
    lambda name: name[:100],
    lambda name: name.encode("ascii", "ignore").decode(),
    lambda name: unicodedata.normalize("NFC", name),
    lambda name: unicodedata.normalize("NFKC", name),
    lambda name: "".join(name.splitlines()),
]


def of_each_kind(names: Sequence[str], some: Some) -> list[str]:
    """Return some of `names`: one that each kind of carelessness changes, and a few more."""
    chosen = [max(names, key=lambda name: len(name.encode()))]
    for careless in _CARELESS:
        changed = [name for name in names if careless(name) != name]
        chosen += some.random.sample(changed, min(1, len(changed)))
    # Decoded once more, it would be another kind of name: allowed or not.
    turning = [name for name in names if is_allowed(unquote(name)) != is_allowed(name)]
    chosen += turning[:2]
    return list(dict.fromkeys([*chosen, *some.random.sample(list(names), 4)]))


def other_paths(some: Some) -> list[str]:
    """Return WebSocket paths that lead nowhere (P6, P7): neighbours of the chat's, and far ones."""
    room = some.word()
    return [
        "/",
        "/ws/",
        "/ws/chat/",
        f"/ws/chat/{room}",
        f"/ws/chat/{room}//",
        f"/ws/chat/{room}/{room}/",
        f"/ws/chat/{room}%2F{room}/",
        f"/ws/chat/{room}/%0A",
        f"/ws/chat/{room}/%20",
        f"/ws/chat/{quote(room)}/x",
        f"/ws/chat//{room}/",
        f"/ws/{room}/",
        f"/ws/chats/{room}/",
        f"/ws/chat{room}/",
        f"/ws/Chat/{room}/",
        f"/WS/chat/{room}/",
        f"/chat/{room}/",
        f"/x/ws/chat/{room}/",
        f"/xws/chat/{room}/",
        f"/{room}",
        f"/ws/echo/{room}/",
        "/favicon.ico",
        f"/{long(300, some)}/",
    ]
