"""The glossary: each entry is explained where it says, and its tooltips stand in text alone."""

import functools
import re

import pytest
from markdown import markdown

from channels_workshop import REPOSITORY
from channels_workshop.authoring.glossary import read_glossary, tooltip_files

LANGUAGES = ("en", "ru")
DOCS = REPOSITORY / "docs"
ENTRIES = [entry for topic in read_glossary(DOCS) for entry in topic.entries]


@functools.cache
def text_of_pages(language):
    paths = [path for path in (DOCS / language).rglob("*.md") if path.stem != "glossary"]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_no_word_is_there_twice():
    ids = [entry.id for entry in ENTRIES]
    assert len(set(ids)) == len(ids) >= 40
    for language in LANGUAGES:
        words = [entry.word.spoken(language) for entry in ENTRIES]
        spellings = [text for entry in ENTRIES for text in entry.shown_at.spoken(language)]
        assert len(set(words)) == len(words)
        assert len(set(spellings)) == len(spellings)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_is_short_and_leads_to_its_page(entry, language):
    assert len(entry.means.spoken(language).split()) <= 25
    page, _, anchor = entry.page.partition("#")
    assert f"{{ #{anchor} }}" in (DOCS / language / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.shown_at.en], ids=lambda entry: entry.id
)
def test_a_tooltip_is_shown_somewhere(entry, language):
    """A spelling that no page has is misspelt, or needs no tooltip."""
    spellings = map(re.escape, entry.shown_at.spoken(language))
    assert re.search(rf"\b({'|'.join(spellings)})\b", text_of_pages(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_has_no_tooltips(language):
    words = [text for entry in ENTRIES for text in entry.shown_at.spoken(language)]
    files = {path.name: text for path, text in tooltip_files(REPOSITORY)}
    for word in words:
        page = f"{word}\n\n`{word}`\n\n```\n{word}\n```\n\n{files[f'tooltips.{language}.md']}"
        html = markdown(page, extensions=["abbr", "pymdownx.superfences"])
        assert len(re.findall("<abbr", html)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_has_its_tooltip_at_the_beginning_of_a_sentence(language):
    files = {path.name: text for path, text in tooltip_files(REPOSITORY)}
    tooltips = files[f"tooltips.{language}.md"]
    for entry in ENTRIES:
        for text in entry.shown_at.spoken(language):
            html = markdown(f"{text[0].upper()}{text[1:]}.\n\n{tooltips}", extensions=["abbr"])
            assert html.startswith("<p><abbr"), text
