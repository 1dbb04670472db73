"""Which language the tool speaks, and that its catalogue says all that it has to say."""

import io
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from channels_workshop import language
from channels_workshop.cli.clicks_own_words import CLICKS_OWN

PACKAGE = Path(language.__file__).parent
CATALOGUE = language.CATALOGUES / "ru" / "LC_MESSAGES" / "workshop.po"
KEYWORDS = {"_": None, "plural": (1, 2), "message": None, "counted": (1, 2), "N_": None}


@pytest.fixture(scope="module")
def russian():
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def test_every_sentence_of_the_code_has_its_russian(russian):
    said = {
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            PACKAGE, keywords=KEYWORDS
        )
    }
    said_ids = {m[0] if isinstance(m, tuple) else m for m in said}
    written = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in russian if m.id}
    assert said_ids - written == set(), "add them: see “Words” in CONTRIBUTING.md"
    assert written - said_ids == set(), "nobody says these any more"
    assert all(all(m.string) if isinstance(m.string, tuple) else m.string for m in russian if m.id)


def test_the_compiled_catalogue_is_up_to_date(russian):
    compiled = io.BytesIO()
    write_mo(compiled, russian)
    assert compiled.getvalue() == CATALOGUE.with_suffix(".mo").read_bytes()


def fields(text):
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_both_languages_fill_in_the_same_fields(russian):
    for message in russian:
        if not message.id:
            continue
        if isinstance(message.id, tuple | list):
            one, *many = message.string
            pairs = [(message.id[0], one), *((message.id[1], text) for text in many)]
        else:
            pairs = [(message.id, message.string)]
        for english, text in pairs:
            assert fields(text) == fields(english), message.id


def test_russian_is_written_in_russian(russian):
    for message in russian:
        words = re.sub(r"\{\w+\}", "", message.id) if isinstance(message.id, str) else ""
        if re.search("[a-z]", words, re.IGNORECASE):
            assert re.search("[а-яё]", message.string, re.IGNORECASE), message.id


def test_clicks_own_sentences_are_still_clicks():
    import click

    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py")
    )
    for sentence in CLICKS_OWN:
        assert sentence in source or sentence in ("Directory",), sentence


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({"WORKSHOP_LANG": "ru"}, "ru"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "WORKSHOP_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
    ],
)
def test_the_language_is_chosen(environment, spoken, monkeypatch):
    for name in ("WORKSHOP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.choose() == spoken


def test_what_is_asked_for_comes_first(monkeypatch):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    assert language.choose("ru") == "ru"


def test_wrong_usage_is_told_in_russian_too():
    run = subprocess.run(
        [sys.executable, "-m", "channels_workshop", "--lang", "ru", "check", "9"],
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 2
    assert "Урока «9» нет." in run.stderr
    assert "Traceback" not in run.stderr
