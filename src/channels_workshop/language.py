"""Which language to speak, and the tool's own sentences in it (a gettext catalogue).

`_` puts a sentence into words at once, for the person at the terminal. `message` keeps it as data, to be
put into words where it is shown: a verdict is reached once and read in either language.
"""

import functools
import gettext
import os
from pathlib import Path
from typing import Literal, get_args

import msgspec

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

CATALOGUES = Path(__file__).with_name("locale")
DOMAIN = "workshop"

_current: Language | None = None


def choose(wanted: str | None = None) -> Language:
    """Return `wanted`, else WORKSHOP_LANG, else the locale's language; English where unknown."""
    candidates = [wanted, os.environ.get("WORKSHOP_LANG")]
    candidates += [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for candidate in filter(None, candidates):
        return "ru" if candidate.lower().startswith("ru") else "en"
    return "ru" if _system_speaks_russian() else "en"


def _system_speaks_russian() -> bool:
    # Windows sets no LANG; there the C library's own default is the person's choice.
    import locale

    try:
        name = locale.getlocale()[0] or ""
    except ValueError:  # a locale that Python does not know
        return False
    return name.lower().startswith("ru")


def speak(language: Language) -> None:
    """Make `language` the one that `_` and `current` answer in, for this process."""
    global _current
    _current = language
    # click asks gettext's default domain for its own words; our catalogue holds them too.
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language


def current() -> Language:
    """Return the language that was last given to `speak`; English before that."""
    return _current or "en"


def is_chosen() -> bool:
    """Return whether `speak` has been called in this process."""
    return _current is not None


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)


def _(text: str, /, **values: object) -> str:
    """Return the tool's sentence in the current language, with `{name}` fields filled in."""
    translated = _catalogue(current()).gettext(text)
    return translated.format(**values) if values else translated


def plural(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a counted sentence that fits `count`, which also fills `{count}`."""
    return _catalogue(current()).ngettext(one, many, count).format(count=count, **values)


class Message(msgspec.Struct, frozen=True):
    """A sentence as data: `text`, in English, is its id in the catalogue; `values` fill its fields.

    `many` is the form for more than one, where `values` has a `count`. `russian` is the translation
    of a sentence that is not the tool's own, but a lesson's.
    """

    text: str
    values: dict[str, "Message | str | int | float | None"] = {}
    many: str = ""
    russian: str = ""

    def spoken(self, language: Language) -> str:
        """Return the sentence in `language`."""
        values = {
            name: value.spoken(language) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        template = self._template(language)
        return template.format(**values) if values else template

    def _template(self, language: Language) -> str:
        if self.russian:
            return self.russian if language == "ru" else self.text
        if self.many:
            count = self.values["count"]
            assert isinstance(count, int)
            return _catalogue(language).ngettext(self.text, self.many, count)
        return _catalogue(language).gettext(self.text) if self.text else ""

    def __str__(self) -> str:
        return self.spoken(current())


def message(text: str, /, **values: "Message | str | int | float | None") -> Message:
    """Return one of the tool's sentences as data. Its fields are filled where it is shown."""
    return Message(text, values)


def counted(
    one: str, many: str, count: int, /, **values: "Message | str | int | float | None"
) -> Message:
    """Return a counted sentence as data; `count` fills `{count}` too."""
    return Message(one, {"count": count, **values}, many)


def verbatim(text: str) -> Message:
    """Return `text`, data that needs no translation (a frame, a status, a path), as a message."""
    return Message("{text}", {"text": text})
