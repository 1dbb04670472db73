"""What tests of several modules use."""

import sys

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
