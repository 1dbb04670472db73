"""Which language to speak, and the tool's own words in it (a gettext catalogue)."""

import gettext
import os
from pathlib import Path
from typing import Literal, get_args

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

CATALOGUES = Path(__file__).with_name("locale")
DOMAIN = "workshop"

_current: Language | None = None
_translations: gettext.NullTranslations = gettext.NullTranslations()


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
    global _current, _translations
    _current = language
    _translations = gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)
    # click asks gettext's default domain for its own words; our catalogue holds them too.
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language


def current() -> Language:
    """Return the language that was last given to `speak`; English before that."""
    return _current or "en"


def has_been_chosen() -> bool:
    """Tell whether this process has been told what to speak."""
    return _current is not None


def _(text: str, **values: object) -> str:
    """Return the tool's sentence in the current language, with `{name}` fields filled in."""
    translated = _translations.gettext(text)
    return translated.format(**values) if values else translated


def plural(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a counted sentence that fits `count`, which also fills `{count}`."""
    return _translations.ngettext(one, many, count).format(count=count, **values)
