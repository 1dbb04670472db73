"""Every kind of input that the agreement speaks of, for this lesson's checks."""

from itertools import zip_longest

from channels_workshop.judging.rendezvous import Answer
from channels_workshop.judging.some import Some
from channels_workshop.judging.texts import (
    around,
    blank,
    control,
    joined,
    line_ends,
    look_alikes,
    markup,
    planes,
    quotes,
    right_to_left,
    spaces,
    texts,
    twins,
    unseen,
)
from channels_workshop.judging.timeline import shortened
from shown import as_json

#: Characters that a name of a city or a person, and the text of a postcard, may have.
NAME, TEXT = 100, 2_000
#: In the place of an answer.
RESET = Answer(b"", resets=True)
#: An invitation to make the call again, which the agreement does not.
AGAIN = (("Retry-After", "0"),)


def names(some: Some) -> list[str]:
    """Return names of every kind, each another one, as few as hold them all."""
    return [*_alone(some, NAME), *_within(some, NAME)]


def words(some: Some) -> list[str]:
    """Return texts of every kind, as few as hold them all, up to the longest postcard."""
    return [*_alone(some, TEXT), *_within(some, TEXT), f"{some.word()}: 140".ljust(141, ".")]


def pairs(some: Some) -> list[tuple[str, str]]:
    """Return a name and a text, so often that every kind of either has been there."""
    these, those = names(some), words(some)
    return [(name or some.name(), text or some.text()) for name, text in zip_longest(these, those)]


def _alone(some: Some, most: int) -> list[str]:
    """Return what is of its kind as a whole only: edges, lengths, what looks like something else."""
    edges = [text for text in texts(some, spaces, line_ends) if text.has_edges]
    numbers = [text for text in texts(some, look_alikes) if text.kind == "a number"]
    found = [
        *(f" {some.word()}", f"{some.word()} ", f"\n{some.word()}", f"{some.word()}\r\n"),
        some.random.choice(edges).text,
        " ",
        some.random.choice(list(blank(some))[1:]).text,
        "007",
        some.random.choice(numbers).text,
        some.random.choice(["null", "true", "[]", "{}", '""']),
        as_json(some.text()),
        as_json({"text": some.text()}),
        "x",
        around(most, some, some.random.choice(["ж", "👋🏽"]))[1].text,
        around(most, some, "e\u0301")[1].text,
        f"\u0301{some.word()}",
    ]
    return list(dict.fromkeys(found))


def _within(some: Some, most: int) -> list[str]:
    """Return what is of its kind in the middle of a text, too: several in each."""
    # Of what is not seen, one character beside the other takes less room.
    unseen_ones = "".join(text.text for text in texts(some, spaces, line_ends, unseen, control))
    dense = "".join(f"{char}." for char in sorted(set(unseen_ones)) if char not in "\0.")
    pieces = [dense[begin : begin + 30] for begin in range(0, len(dense), 30)]
    others = texts(some, markup, quotes, joined, right_to_left)
    others += [text for text in texts(some, look_alikes) if text.kind.startswith(_IN_ADDRESSES)]
    letters = texts(some, planes)
    last = [text for text in letters if text.kind.startswith("the last of")]
    others += [text for text in letters if text not in last] + some.random.sample(last, 3)
    others += [
        text for text in texts(some, twins) if "NF" in text.kind or text.kind == "a ligature"
    ]
    return _packed([*pieces, *(text.text for text in others)], most)


#: What has a meaning in an address, or in a form.
_IN_ADDRESSES = ("percent", "a form", "a plus", "an address", "a path", "a header")


def _packed(found: list[str], most: int) -> list[str]:
    """Return texts that hold all of `found`, several in each, none longer than `most`."""
    packed = [""]
    for text in found:
        if "\0" in text or len(text) > most:
            continue
        if len(packed[-1]) + len(text) + 1 > most:
            packed.append("")
        packed[-1] += f"{text}|"
    return packed


def failures(some: Some) -> list[Answer | None]:
    """Return the ways in which a call can fail; what it says meanwhile looks like an answer."""
    said = as_json({"text": some.text()}).encode()
    return [
        *(Answer(said, status) for status in (404, 500, 400, 599, some.random.randint(401, 598))),
        *(Answer(said, status, headers=AGAIN) for status in (503, 429)),
        None,
        RESET,
        Answer(said, cut=len(said) // 2),
        Answer(said + b" " * 40, cut=40),  # all that matters has come, and yet it broke off
        Answer(said[:-1]),
        Answer(b"<!doctype html><title>Closed today</title>", content_type="text/html"),
        Answer(b""),
        Answer(b"[" * 100_000),  # for Python's reader too deep to be found wrong
        # No text in any encoding of JSON: as if compressed, and not said so.
        Answer(b"\x1f\x8b\x08\x00\xff\xfe\xfa" + some.random.randbytes(20)),
        # JSON, but for one letter in an older encoding.
        Answer(said[:-2] + "é".encode("latin-1") + said[-2:]),
    ]


def shown_failure(answer: Answer | None) -> str:
    """Return such an answer as data of a failure."""
    if answer is None:
        return "upstream: —"
    if answer.resets:
        return "upstream: RST"
    sent = shortened(answer.sent.decode(errors="backslashreplace"))
    cut = f" ({len(answer.sent)}/{len(answer.body)} B)" if answer.cut else ""
    more = "".join(f", {name}: {value}" for name, value in answer.headers)
    return f"upstream: HTTP {answer.status}{more} {sent}{cut}"
