"""The glossary: one source in both languages, its page, and the tooltips on all other pages.

`docs/glossary.toml` holds the words. A tooltip is an abbreviation of Markdown's, which marks each place
where one of its spellings stands in the text of a page; code is left alone.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ..course.toml_file import read
from ..course.words import Words
from ..language import Language


class Spellings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a word is spelt where it gets a tooltip: in Russian, once for each of its forms."""

    en: list[str] = []
    ru: list[str] = []

    def spoken(self, language: Language) -> list[str]:
        """Return the spellings in `language`."""
        return self.ru if language == "ru" else self.en


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One word: what it means, and the page and anchor where the course explains it."""

    id: str
    word: Words
    page: str
    means: Words
    shown_at: Spellings = Spellings()


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that belong together, under one heading."""

    id: str
    title: Words
    entries: list[Entry]


class _GlossaryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    topics: list[Topic]


def read_glossary(docs: Path) -> list[Topic]:
    """Return the glossary in that folder. Raises BrokenDescription where it is not as it should be."""
    return read(docs / "glossary.toml", _GlossaryFile).topics


def glossary_lines(docs: Path, language: Language) -> Iterator[str]:
    """Yield what stands on the page: a definition list below the heading of each topic."""
    for topic in read_glossary(docs):
        yield from ("", f"## {topic.title.spoken(language)} {{ #topic-{topic.id} }}")
        for entry in topic.entries:
            title = _title(docs / language / entry.page.partition("#")[0])
            yield ""
            yield f"{entry.word.spoken(language)} {{ #{entry.id} }}"
            yield f":   {entry.means.spoken(language)} [{title}]({entry.page})"
    yield ""


def _title(page: Path) -> str:
    found = re.search(r"^# (.*?) \{", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{page} has no title"
    return found[1]


def tooltip_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that are appended to each page, and what is to stand in them."""
    languages: Sequence[Language] = ("en", "ru")
    for language in languages:
        lines = ["<!-- Made by `workshop.py tables` from docs/glossary.toml. -->"]
        for topic in read_glossary(root / "docs"):
            for entry in topic.entries:
                meaning = entry.means.spoken(language).replace("`", "")
                spellings = _with_capitals(entry.shown_at.spoken(language))
                lines += [f"*[{text}]: {meaning}" for text in spellings]
        yield root / "docs" / "snippets" / f"tooltips.{language}.md", "\n".join(lines) + "\n"


def _with_capitals(spellings: Sequence[str]) -> list[str]:
    """Return each spelling, and after it the one with which a sentence begins; none of them twice."""
    both = ((text, text[:1].upper() + text[1:]) for text in spellings)
    return list(dict.fromkeys(text for pair in both for text in pair))
