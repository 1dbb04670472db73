"""The table of the lab's faults on its page, made from what is said about them."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from .. import REPOSITORY
from ..authoring.tables import replace_tables
from ..language import Language
from ..stage.lab.fault import all_faults

_HEADINGS: dict[Language, str] = {
    "en": "| `lab …` | Fault | The question |",
    "ru": "| `lab …` | Неполадка | Вопрос |",
}


def write_faults(check: bool = False, root: Path = REPOSITORY) -> list[Path]:
    """Write the table in both languages; return what has changed, or with `check` what should."""
    names = {language: f"docs/{language}/further/lab.md" for language in get_args(Language)}
    return [
        root / name
        for language, name in names.items()
        if replace_tables(name, {"faults": list(_lines(language))}, check, root)
    ]


def _lines(language: Language) -> Iterator[str]:
    yield from ("", _HEADINGS[language], "|---|---|---|")
    for fault in all_faults():
        about = fault.about
        said = (about.title, about.question)
        yield f"| `{fault.id}` | {' | '.join(words.spoken(language) for words in said)} |"
    yield ""
