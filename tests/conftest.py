"""What tests of several modules use."""

import io
import re
import sys
from pathlib import Path

import pytest

from channels_workshop import language
from channels_workshop.cli import main


@pytest.fixture
def workshop(capsys, monkeypatch):
    """Return a function that runs a verb here and returns its exit code, output and errors."""
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["workshop.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    yield run
    language.speak("en")


@pytest.fixture
def assert_translated():
    """Return the function that compares the words of templates with a catalogue."""
    return _assert_translated


def _assert_translated(templates: Path, catalogue: Path) -> None:
    """Fail unless each word of the templates has its Russian, there is no other, and it is compiled.

    Django has to be set up: the templates are read by its own parser.
    """
    from babel.messages.extract import extract
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from django.utils.translation.template import templatize

    said = set()
    for template in templates.rglob("*.html"):
        code = templatize(template.read_text(encoding="utf-8"), origin=str(template))
        lines = "\n".join(line.strip() for line in code.splitlines())
        found = extract("python", io.BytesIO(lines.encode()), {"gettext": None})
        said |= {text for _line, text, *_rest in found if text}
    with catalogue.open("rb") as file:
        russian = read_po(file)
    assert said == {entry.id for entry in russian if entry.id}
    assert all(re.search("[а-яё]", entry.string, re.IGNORECASE) for entry in russian if entry.id)
    compiled = io.BytesIO()
    write_mo(compiled, russian)
    assert compiled.getvalue() == catalogue.with_suffix(".mo").read_bytes()
