r"""Every kind of text that people send, so that each run visits all of them.

    for text in texts(some): ...                    # of every kind there is
    texts(some, line_ends, markup)                  # of these kinds only
    [text for text in texts(some) if not text.is_blank and not text.has_control]
    [*around(2_000, some), *around(65_536, some, "ж", unit="bytes")]

Each is a `Text`: its `text`, and its `kind` in words. All have a random part, so that nobody can know
them beforehand, but for those of `blank` and some `look_alikes`, where there is no place for one.
All can be sent in UTF-8; half a surrogate pair can only be written in JSON, as `"\ud800"`.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .some import Some


@dataclass(frozen=True)
class Text:
    """A text, and what kind of text it is: a few plain words, for whoever reads a check."""

    kind: str
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether nothing is left of it once white space is stripped, as `str.strip` does it."""
        return not self.text.strip()

    @property
    def has_edges(self) -> bool:
        """Whether it begins or ends with white space: some forms strip that."""
        return self.text != self.text.strip()

    @property
    def has_control(self) -> bool:
        """Whether it holds a control character; a tab and most ends of a line are some too."""
        return any(unicodedata.category(char) == "Cc" for char in self.text)

    @property
    def has_line_end(self) -> bool:
        """Whether it holds the end of a line, as `str.splitlines` sees it."""
        return len(f"{self.text}.".splitlines()) > 1


#: What makes the texts of one family.
Family = Callable[[Some], Iterator[Text]]
Unit = Literal["characters", "bytes"]

#: What `str.strip` takes for white space, but for the ends of lines. By their names in Unicode.
_SPACES = {
    "space": " ",
    "tab": "\t",
    "no-break space": "\N{NO-BREAK SPACE}",
    "ogham space": "\N{OGHAM SPACE MARK}",
    "em space": "\N{EM SPACE}",
    "thin space": "\N{THIN SPACE}",
    "narrow no-break space": "\N{NARROW NO-BREAK SPACE}",
    "mathematical space": "\N{MEDIUM MATHEMATICAL SPACE}",
    "ideographic space": "\N{IDEOGRAPHIC SPACE}",
}
_LINE_ENDS = {
    "LF": "\n",
    "CR": "\r",
    "CR LF": "\r\n",
    "LF CR": "\n\r",
    "vertical tab": "\v",
    "form feed": "\f",
    "file separator": "\x1c",
    "group separator": "\x1d",
    "record separator": "\x1e",
    "NEL": "\x85",
    "line separator": "\N{LINE SEPARATOR}",
    "paragraph separator": "\N{PARAGRAPH SEPARATOR}",
}
#: They look like nothing, and yet are no white space: what consists of them alone is not blank.
_UNSEEN = {
    "zero width space": "\N{ZERO WIDTH SPACE}",
    "word joiner": "\N{WORD JOINER}",
    "byte order mark": "\ufeff",
    "soft hyphen": "\N{SOFT HYPHEN}",
    "hangul filler": "\N{HANGUL FILLER}",
    "braille blank": "\N{BRAILLE PATTERN BLANK}",
}
#: What makes of a black flag that of Scotland: the letters gbsct as tags, and the end of them.
_SCOTTISH = "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"


def blank(some: Some) -> Iterator[Text]:
    """The empty text, and white space of each kind with nothing else."""
    yield Text("empty", "")
    for name, blank in (_SPACES | _LINE_ENDS).items():
        yield Text(f"only: {name}", blank * some.random.randint(1, 3))
    yield Text("only: white space of every kind", "".join((_SPACES | _LINE_ENDS).values()))


def spaces(some: Some) -> Iterator[Text]:
    """White space of each kind: before, within, twice, and after."""
    for name, space in _SPACES.items():
        yield Text(f"{name} on both sides", f"{space}{some.word()}{space}")
        yield Text(f"{name} within", f"{some.word()}{space}{some.word()}{space * 2}{some.word()}")
    yield Text("space before", f"  {some.word()}")
    yield Text("space after", f"{some.word()}  ")


def line_ends(some: Some) -> Iterator[Text]:
    """The end of a line, of each kind: within, as an empty line, and at both ends."""
    for name, end in _LINE_ENDS.items():
        yield Text(f"{name} within", f"{some.word()}{end}{some.word()}{end * 2}{some.word()}")
        yield Text(f"{name} on both sides", f"{end}{some.word()}{end}")


def unseen(some: Some) -> Iterator[Text]:
    """Characters that are not seen and are no white space: on both sides, and alone."""
    for name, char in _UNSEEN.items():
        yield Text(f"{name} on both sides", f"{char}{some.word()}{char}")
        yield Text(f"only: {name}", char * some.random.randint(1, 3))


def markup(some: Some) -> Iterator[Text]:
    """Markup, entities, and what templates and formats take for their own."""
    word = some.word
    yield Text("markup", f"<b class={word()}>bold</b>")
    yield Text("a script", f"<script>alert('{word()}')</script>")
    yield Text("the end of a script", f"</script><!-- {word()} -->")
    yield Text("markup that is not closed", f"<img src=x onerror=alert(1) alt='{word()}")
    yield Text("smaller, bigger", f"1 < 2 > 0 {word()} <3")
    yield Text("entities", f"&lt;{word()}&gt; &amp; &#x27; &nbsp; &copy &bogus;")
    yield Text("ampersand", f"bed & breakfast & {word()}")
    yield Text("a comment", f"<!-- {word()} -->")
    yield Text("CDATA", f"<![CDATA[{word()}]]>")
    yield Text("a template", f"{{{{ {word()} }}}} {{% now 'Y' %}} {{# no #}} ${{{word()}}}")
    yield Text("a format", f"%s %(name)s {{}} {{0}} {{{word()}}} %d %%")
    yield Text("markdown", f"**{word()}** _{word()}_ `{word()}` [a](b) # no")


def quotes(some: Some) -> Iterator[Text]:
    """Quotes, backslashes, and what they escape elsewhere."""
    word = some.word
    yield Text("quotes", f"\"{word()}\" '{word()}' `{word()}` “{word()}” «{word()}»")
    yield Text("a quote alone", f'{word()}"')
    yield Text("an apostrophe", f"it's {word()}'")
    yield Text("backslashes", f"C:\\new\\{word()}\\table\\")
    yield Text("a backslash at the end", f"{word()}\\")
    yield Text("escapes, written out", rf"\n \r \t \0 \x00 \u0041 \u{{41}} \N{{DASH}} {word()}")
    yield Text("an escaped quote", f'\\"{word()}\\"')
    yield Text("SQL", f"'; DROP TABLE {word()}; --")
    yield Text("a shell", f"$({word()}) `{word()}` | & ; > ~ *")


def planes(some: Some) -> Iterator[Text]:
    """Letters of each plane of Unicode that has any, and the last code point of each plane.

    In UTF-8 a character takes one to four bytes, in UTF-16 one or two units.
    """
    for name, first, last in [
        ("Latin, one byte", "a", "z"),
        ("Latin, two bytes", "à", "ÿ"),
        ("Cyrillic, two bytes", "а", "я"),
        ("Georgian, three bytes", "ა", "ჰ"),
        ("Han, three bytes", "一", "龥"),
        ("private use", "\ue000", "\uf8ff"),
        ("plane 1, Gothic", "\U00010330", "\U0001034a"),
        ("plane 1, mathematical", "\U0001d400", "\U0001d433"),
        ("plane 1, emoji", "\U0001f600", "\U0001f64f"),
        ("plane 2, Han", "\U00020000", "\U0002a6d6"),
        ("plane 3, Han", "\U00030000", "\U0003134a"),
        ("plane 14, variation selectors", "\U000e0100", "\U000e01ef"),
        ("plane 15, private use", "\U000f0000", "\U000ffffd"),
        ("plane 16, private use", "\U00100000", "\U0010fffd"),
    ]:
        points = [some.random.randint(ord(first), ord(last)) for _ in range(6)]
        yield Text(name, "".join(map(chr, points)))
    for plane in range(17):
        yield Text(f"the last of plane {plane}", some.word() + chr(plane * 0x10000 + 0xFFFF))
    yield Text("around the surrogates", f"\ud7ff{some.word()}\ue000")
    yield Text("the replacement character", f"{some.word()}\ufffd")


def joined(some: Some) -> Iterator[Text]:
    """What is seen as one and consists of several: joiners, emoji, flags, accents by the dozen."""
    yield Text("a family", f"👩‍👩‍👧‍👦 {some.word()}")
    yield Text("a skin colour", f"👋🏽👋🏿 {some.word()}")
    yield Text("a flag", f"🇺🇦🇯🇵 {some.word()}")
    yield Text("half a flag", f"🇺{some.word()}")
    yield Text("a flag of tags", f"🏴{_SCOTTISH} {some.word()}")
    yield Text("a keycap", f"1️⃣ #️⃣ {some.word()}")
    yield Text("text or picture", f"❤︎ ❤️ {some.word()}")
    yield Text("zero width joiner within", f"{some.word()}\N{ZERO WIDTH JOINER}{some.word()}")
    yield Text("zero width non-joiner", f"می‌خواهم {some.word()}")
    yield Text("conjuncts", f"क्षत्रिय {some.word()}")
    yield Text("accents by the dozen", "e" + "\u0301\u0323\u0330" * 12 + some.word())
    yield Text("an accent at the beginning", f"\u0301{some.word()}")


def twins(some: Some) -> Iterator[Text]:
    """Texts that look alike and are not the same, one beside the other, and one that comes twice."""
    for name, letters in [("accents", "éàüñ"), ("Cyrillic", "йё"), ("Hangul", "안녕"), ("Å", "Å")]:
        tail = some.word()
        for form in ("NFC", "NFD"):
            composed = unicodedata.normalize(form, letters)
            yield Text(f"{name} in {form}", f"{composed} {tail}")
    tail = some.word()
    for name, text in [
        ("a ligature", f"ﬁ{tail}"),  # NFKC makes of it
        ("no ligature", f"fi{tail}"),
        ("wide letters", f"ｔｅａ {tail}"),
        ("plain letters", f"tea {tail}"),
        ("the sign of ångström", f"\N{ANGSTROM SIGN}{tail}"),  # NFC makes of it
        ("the letter of ångström", f"\N{LATIN CAPITAL LETTER A WITH RING ABOVE}{tail}"),
        ("sharp s", f"Straße {tail}"),  # casefold makes of it
        ("two s", f"Strasse {tail}"),
        ("capitals", f"TEA {tail.upper()}"),
        ("dotted I", f"\N{LATIN CAPITAL LETTER I WITH DOT ABOVE} {tail}"),
        ("a Latin a", f"a {tail}"),
        ("a Cyrillic a", f"\N{CYRILLIC SMALL LETTER A} {tail}"),
    ]:
        yield Text(name, text)
    again = some.text()
    yield Text("for the first time", again)
    yield Text("the same once more", again)


def right_to_left(some: Some) -> Iterator[Text]:
    """Scripts that are written from the right, and the marks that turn the direction."""
    yield Text("Arabic", f"مرحبا {some.word()} بالعالم")
    yield Text("Hebrew", f"שלום {some.word()}")
    yield Text("an override", f"\N{RIGHT-TO-LEFT OVERRIDE}{some.word()}")
    yield Text("an isolate", f"\u2067{some.word()}\u2069")
    yield Text("direction marks", f"\u200f{some.word()}\u200e")


def control(some: Some) -> Iterator[Text]:
    """Each control character, among them NUL, escape, delete, and those of Latin-1."""
    yield Text("NUL within", f"{some.word()}\0{some.word()}")
    yield Text("NUL on both sides", f"\0{some.word()}\0")
    yield Text("only: NUL", "\0" * some.random.randint(1, 3))
    yield Text("C0", f"{some.word()}{''.join(map(chr, range(1, 0x20)))}{some.word()}")
    yield Text("delete and C1", f"{some.word()}{''.join(map(chr, range(0x7F, 0xA0)))}{some.word()}")
    yield Text("a colour for terminals", f"\x1b[31m{some.word()}\x1b[0m\a\b")
    yield Text("only: a control character", "\x83")


def look_alikes(some: Some) -> Iterator[Text]:
    """What a text might be taken for: a number, JSON, an address, a form, a header, a command."""
    word, number = some.word, some.random.randint
    for text in [
        "0",
        "-1",
        "1.0",
        "1e5",
        "007",
        "0x1F",
        "NaN",
        "Infinity",
        "-0",
        "1_000",
        "٣",
        "½",
    ]:
        yield Text("a number", text)
    yield Text("a big number", str(number(10**30, 10**31)))
    for text in ["null", "true", "false", "None", "undefined", "[]", "{}", '""', "()"]:
        yield Text("a literal", text)
    yield Text("JSON", f'{{"message": "{word()}"}}')
    yield Text("JSON in an array", f'["{word()}", 1, null]')
    yield Text("JSON that breaks off", f'{{"message": "{word()}')
    yield Text("JSON with other spaces", f'{{ "type":"{word()}" ,  "n":1.0 }}')
    yield Text("JSON, a text", f'"{word()}"')
    yield Text("an escape of JSON", f"\\u0041\\ud83d\\ude00 {word()}")
    yield Text("percent-encoded", f"%41%20{word()}%2F%00%")
    yield Text("a form", f"a=1&b={word()}&a=2;c")
    yield Text("a plus", f"a+b+{word()}")
    yield Text("an address", f"https://{word()}.example/?q=1#top")
    yield Text("a path", f"/../{word()}/./..")
    yield Text("a header", f"Host: {word()}\r\n\r\n")
    yield Text("a close code", "4404")
    yield Text("a type of an event", "websocket.close")
    yield Text("base64", "aGVsbG8=")
    yield Text("an encoded word", "=?utf-8?b?aGVsbG8=?=")
    yield Text("a ping", "ping")
    for command in ("/me", "/quit", "/clear", "/help", "!help", ":wq", "@all", "@ann", "#tea", "/"):
        yield Text("a command", command)
        yield Text("a command with a word", f"{command} {word()}")
    yield Text("bytes, written out", f"b'{word()}'")


FAMILIES: list[Family] = [
    blank,
    spaces,
    line_ends,
    unseen,
    markup,
    quotes,
    planes,
    joined,
    twins,
    right_to_left,
    control,
    look_alikes,
]


def texts(some: Some, *families: Family) -> list[Text]:
    """Return texts of all kinds, or of these `families`, some 200 in all; none is long.

    Their order is random, but within a family it stays: twins stand beside one another.
    """
    chosen = [list(family(some)) for family in families or FAMILIES]
    some.random.shuffle(chosen)
    return [text for family in chosen for text in family]


def around(limit: int, some: Some, filling: str = "x", *, unit: Unit = "characters") -> list[Text]:
    """Return three texts that are as long as a `limit`, one less, and one more.

    They end in a random word, so that a cut one is seen. `filling` is what they consist of, and may
    be several characters: "e\u0301" has two that are seen as one. A character is a code point, bytes
    are those of UTF-8; where the filling does not come out even, an "x" or more stand before.
    """
    return [
        Text(f"{length:,} {unit}", long(length, some, filling, unit=unit))
        for length in (limit - 1, limit, limit + 1)
    ]


def long(length: int, some: Some, filling: str = "x", *, unit: Unit = "characters") -> str:
    """Return a text of exactly `length`; see `around`."""
    left = length - len(tail := some.word()[:length])
    times, rest = divmod(left, len(filling if unit == "characters" else filling.encode()))
    return "x" * rest + filling * times + tail
