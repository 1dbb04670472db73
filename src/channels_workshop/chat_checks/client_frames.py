"""Every class of frame that a client may send, and what the agreement says about each.

`Sent` is such a frame with its answer: a message that reaches the room, or an error for the sender.
Random parts make them unknown beforehand.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..judging.some import Some
from ..judging.texts import blank, long, texts
from .chat import Error, Message

LIMIT = 64 * 1024

#: The codes, in the order in which they apply (E1 to E7), and the sentence that each stands in.
CODES = {
    "not_text": "E1",
    "too_large": "E2",
    "not_json": "E3",
    "not_object": "E4",
    "no_message": "E5",
    "not_string": "E6",
    "empty": "E7",
}
_EMPTY = '{"message": ""}'


@dataclass(frozen=True)
class Sent:
    """A frame of a client, and the frame that answers it."""

    frame: str | bytes
    answer: Message | Error


#: What clients of other chats tell their server: words under `type`, and keys for them.
_WORDS = [
    *("ping", "pong", "heartbeat", "keepalive", "hello", "join", "leave", "subscribe", "typing"),
    *("auth", "login", "close", "disconnect", "message", "chat", "send", "history", "whisper"),
    *("system", "ack", "status", "presence", "online_count", "not_written"),
]
_COMMAND_KEYS = [
    *("action", "event", "op", "cmd", "command", "kind", "method", "jsonrpc", "to", "target"),
    *("recipient", "private", "token", "topic", "ref", "time", "seq", "ping", "silent", "reply_to"),
]
#: Brackets in brackets, as many as every reader takes: see E10.
_DEEP = 99


def say(text: str, others: Mapping[str, object] | None = None) -> Sent:
    """Return a good frame that says `text`, written as a browser writes it, after `others`."""
    frame = json.dumps({**(others or {}), "message": text}, ensure_ascii=False)
    return Sent(frame, Message(text))


def bad(some: Some) -> list[Sent]:
    """Return bad frames of every class, code by code."""
    return [sent for code in CODES for sent in bad_with(code, some)]


def bad_with(code: str, some: Some) -> list[Sent]:
    """Return frames of every class that is answered with `code`."""
    return [Sent(frame, Error(code)) for frame in _BAD[code](some)]


def a_few_bad(some: Some, number: int) -> list[Sent]:
    """Return so many small bad frames of three kinds, in turn."""
    kinds = [
        [sent for sent in bad_with(code, some) if len(sent.frame) < 200]
        for code in ("not_text", "not_json", "not_object")
    ]
    return [some.random.choice(kinds[n % len(kinds)]) for n in range(number)]


def _not_text(some: Some) -> Iterator[bytes]:
    yield b"\x00\x01\xff"
    yield json.dumps({"message": some.text()}).encode()
    yield b""
    yield b"{}"
    yield some.word().encode()
    yield some.random.randbytes(4_000)
    yield some.random.randbytes(LIMIT)
    yield some.random.randbytes(LIMIT + 1)  # not `too_large`: that row comes later
    yield b" " * 200_000


def _too_large(some: Some) -> Iterator[str]:
    just_fits = LIMIT - len(_EMPTY)
    yield _say(long(just_fits + 1, some))
    # Few characters, many bytes.
    for filling in ("ж", "茶", "🫖"):
        yield _say(long(just_fits + 1, some, filling, unit="bytes"))
    yield json.dumps({"message": long(11_000, some, "ж")})  # few characters once it has been read
    # The size is looked at before the content.
    yield long(LIMIT + 1, some)
    yield "[" * (LIMIT + 1)
    yield json.dumps([long(LIMIT, some)])
    yield json.dumps({"text": long(LIMIT, some)})
    yield json.dumps({"message": [long(LIMIT, some)]})
    yield _say(" " * LIMIT)
    yield json.dumps({"message": some.text(), "more": long(LIMIT, some)})
    yield _say(some.text()) + " " * LIMIT
    yield " " * LIMIT + _say(some.text())
    yield _say(long(1_000_000, some))
    yield _say(long(3_000_000, some))  # more than other WebSocket servers let through


def _not_json(some: Some) -> Iterator[str]:
    word = some.word()
    yield from ["{", "", " ", "\n", "}", "[", "]", '"', "{]", "[}", ",", ":", "{,}", "[,]", "\0"]
    yield from [word, "hello there", "привет", f"message={word}", f"<message>{word}</message>"]
    yield from [
        "True",
        "None",
        "undefined",
        "TRUE",
        "nul",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1F",
        "1_000",
        "--1",
    ]
    yield f"{{'message': '{word}'}}"
    yield f'{{message: "{word}"}}'
    yield f'{{"message": "{word}"'
    yield f'{{"message": "{word}}}'
    yield f'{{"message": "{word}",}}'
    yield f'{{"message" "{word}"}}'
    yield f'{{"message": {word}}}'
    yield '{"message": }'
    yield '{"message"}'
    yield f'{{"message": "{word}"}}{{"message": "{word}"}}'
    yield f'{{"message": "{word}"}} x'
    # White space, and none of JSON's (F1).
    for space in ("\u00a0", "\u3000", "\u2028", "\x85", "\x0b", "\x0c", "\x1f"):
        yield f'{space}{{"message": "{word}"}}'
        yield f'{{"message": "{word}"}}{space}'
    yield f'{{"message": "{word}"}}}}'
    yield f'// {word}\n{{"message": "{word}"}}'
    yield f'{{"message": "{word}" /* {word} */}}'
    yield f'{{"message": "a\\x41 {word}"}}'
    yield f'{{"message": "a\\u12 {word}"}}'
    yield f'{{"message": "two\nlines {word}"}}'  # in JSON the end of a line is written \n
    yield f'["{word}",]'
    yield "7 8"
    # Bytes of which a reader may think that they are UTF-16 or UTF-32.
    for before, after in (("", "\0"), ("\0", ""), ("", "\0\0\0"), ("\0\0\0", "")):
        for text in ("7", f'{{"message": "{word}"}}'):
            yield "".join(before + char + after for char in text)
    yield long(LIMIT, some)  # just fits
    yield "[" * 40
    yield '{"message": ' * 40


def _not_object(some: Some) -> Iterator[str]:
    word, number = some.word(), some.random.randint(2, 999)
    yield from [
        "[]",
        '["message"]',
        f'["message", "{word}"]',
        f'[{{"message": "{word}"}}]',
        "[[[]]]",
    ]
    yield from [str(number), "0", "-0", "-1", "1.5", "1e3", "1E-3", str(10**30)]
    yield from ["null", "true", "false", '""', '"message"', f'"{word}"', f" [ {number} ] ", "\n7\t"]
    yield json.dumps(_say(word))  # an object, written into a string
    yield json.dumps([long(LIMIT - 4, some)])


def _no_message(some: Some) -> Iterator[str]:
    word = some.word()
    for key in (
        "text",
        "Message",
        "MESSAGE",
        "messages",
        "msg",
        " message",
        "message ",
        "",
        "mess\N{CYRILLIC SMALL LETTER A}ge",
        "message\0",
        "0",
        word,
    ):
        yield json.dumps({key: word}, ensure_ascii=False)
    yield "{}"
    yield " { } "
    yield json.dumps({"data": {"message": word}})
    yield json.dumps({"message1": word, "list": ["message", word]})
    for kind in ("chat.message", "websocket.disconnect", "error", "message"):
        yield json.dumps({"type": kind, "text": word})
    for kind in _WORDS:
        yield json.dumps({"type": kind})
        yield json.dumps({some.random.choice(_COMMAND_KEYS): kind, "text": word})
    yield from ('{"ping": 1}', '{"ping": ""}', '{"op": 1, "d": null}')
    yield json.dumps({"text": long(LIMIT - 20, some)})


#: JSON values of every type but a string.
_OTHER_VALUES = [
    "7",
    "0",
    "-1",
    "1.5",
    "1e3",
    "null",
    "true",
    "false",
    "{}",
    "[]",
    '[""]',
    "[[]]",
    "[null]",
    str(10**30),
]


def _not_string(some: Some) -> Iterator[str]:
    word = some.word()
    values = [
        f'["{word}"]',
        f'{{"message": "{word}"}}',
        f'{{"{word}": "a"}}',
        f'[{{"a": "{word}"}}]',
    ]
    for value in [*_OTHER_VALUES, *values]:
        yield f'{{"message": {value}}}'
    yield f'{{"text": "{word}", "message": null, "type": "chat.message"}}'
    yield json.dumps({"message": [long(LIMIT - 20, some)]})


def _empty(some: Some) -> Iterator[str]:
    for text in blank(some):
        yield json.dumps({"message": text.text}, ensure_ascii=some.random.random() < 0.5)
    yield '{"message": "\\u0020\\t\\n\\u3000"}'
    yield json.dumps({"type": "chat.message", "message": " ", "text": some.word()})
    yield _say(" " * (LIMIT - len(_EMPTY)))


_BAD: dict[str, Callable[[Some], Iterator[str] | Iterator[bytes]]] = {
    "not_text": _not_text,
    "too_large": _too_large,
    "not_json": _not_json,
    "not_object": _not_object,
    "no_message": _no_message,
    "not_string": _not_string,
    "empty": _empty,
}


def good(some: Some) -> list[Sent]:
    """Return good frames: every way to write one (F1), with no word about its other keys."""
    word = some.word()
    text = f'“{word}” "quoted" жé🫖 \\ / \t'
    written = [
        json.dumps({"message": text}),
        json.dumps({"message": text}, ensure_ascii=False, separators=(",", ":")),
        json.dumps({"message": text}, ensure_ascii=False, indent=4),
        f" \t\r\n{json.dumps({'message': text})}\r\n ",
        json.dumps({"message": text}).replace("/", "\\/"),
        json.dumps({"message": text}).replace('"message"', '"\\u006dess\\u0061ge"'),
        '{"message": "'
        + "".join(f"\\u{ord(char):04X}" for char in "tea ")
        + json.dumps(text)[1:]
        + "}",
    ]
    sent = [Sent(frame, Message(text)) for frame in written[:-1]]
    sent.append(Sent(written[-1], Message(f"tea {text}")))
    just_fits = LIMIT - len(_EMPTY)
    for size in (just_fits - 1, just_fits):
        for filling in ("x", "ж", "🫖"):
            sent.append(say(long(size, some, filling, unit="bytes")))
    return sent


def every_text(some: Some) -> list[Sent]:
    """Return good frames that say texts of every kind (T3), one of them twice in a row."""
    return [say(text.text) for text in texts(some) if not text.is_blank]


def with_other_keys(some: Some) -> list[Sent]:
    """Return good frames with other keys beside `message` (F2), of every JSON type."""
    types: list[object] = [
        "websocket.disconnect",
        "websocket.close",
        "websocket.receive",
        "websocket_connect",
        "chat.message",
        "chat_message",
        "no.such.handler",
        "send",
        "dispatch",
        "__class__",
        "error",
        "",
        7,
        None,
        True,
        {},
        ["chat.message"],
    ]
    frames: list[Mapping[str, object]] = [{"type": kind} for kind in types]
    frames += [
        {name: some.word()}
        for name in (
            *("code", "detail", "room", "group", "channel", "text", "user", "sender", "self"),
            *("__asgi_channel__", "__asgi_group__"),  # which layers write into an event
        )
    ]
    frames += [{"Message": some.word(), "": "", "nested": {"message": [None, {"message": 7}]}}]
    frames += [
        {"code": 4400, "type": "websocket.close", "detail": None, "number": 1.5, "more": [[]]}
    ]
    frames += [{"type": kind} for kind in _WORDS]
    frames += [{key: some.random.choice(_WORDS)} for key in _COMMAND_KEYS]
    frames += [{"nested": _nested(_DEEP)}]
    frames += [{"id": value} for value in ("x", 7, 1.5, True, False, None, [], {}, [7], {"id": 7})]
    # Each twice, with another text: it is the same message to nobody.
    sent = [say(some.text(), keys) for keys in frames for _ in range(2)]
    text = some.text()
    # The other keys come first, and once after the message.
    after = json.dumps({"message": text, "type": "websocket.disconnect", "text": some.word()})
    return [*sent, Sent(after, Message(text))]


def _nested(depth: int) -> list[object]:
    nested: list[object] = []
    for _bracket in range(depth - 1):
        nested = [nested]
    return nested


#: A number that no processor holds, and that some libraries raise for.
_HUGE = "1e99999999999999999999"


def disputed(some: Some) -> list[str]:
    """Return frames about which JSON readers disagree (E10)."""
    word = some.word()
    digits = "1" * 5_000
    deep = 20_000
    return [
        digits,
        f"-{digits}",
        f'{{"message": {digits}}}',
        f'{{"message": "{word}", "n": {digits}}}',
        f'{{"message": "{word}", "n": {_HUGE}}}',
        f'{{"message": {_HUGE}}}',
        f"[-{_HUGE}]",
        "[" * 50_000,
        "[" * deep + "]" * deep,
        '{"message": ' * 5_000,
        '{"a": ' * 5_000 + "1" + "}" * 5_000,
        f'{{"message": {"[" * deep + "]" * deep}}}',
        f'{{"message": "{word}", "deep": {"[" * deep + "]" * deep}}}',
        # Not too deep to be read, and too deep for what is done with it then.
        *(f'{{"message": "{word}", "deep": {"[" * n + "]" * n}}}' for n in (300, 600, 900)),
        "NaN",
        "[Infinity]",
        '{"message": NaN}',
        f'{{"message": "{word}", "n": -Infinity}}',
        f'{{"message": "{word}", "message": "{word} twice"}}',
        f'{{"message": "{word}", "message": 7}}',
        f'{{"n": 1, "n": 2, "message": "{word}"}}',
        f'\ufeff{{"message": "{word}"}}',
        "\ufeff",
        f'{{"message": "{word} \\ud83d"}}',
        f'{{"message": "\\ude00\\ud83d {word}"}}',
        f'{{"message": "{word}", "half": "\\ud800"}}',
        f'{{"\\udfff": 1, "message": "{word}"}}',
        '{"\\ud83d": 1}',
        '{"message": {"\\ud83d": "\\ude00"}}',
    ]


def _say(text: str) -> str:
    return json.dumps({"message": text}, ensure_ascii=False)
