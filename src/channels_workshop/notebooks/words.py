"""What a notebook says in its outputs, in both languages: predictions, and labels of drawings.

Code cells are the same in every language, so their words stand beside the notebook, in
`notebooks/NN_name.toml`:

    [predictions.four_blocking]
    question.en = "Four people ask at once. How long does the last one wait?"
    question.ru = "…"
    options = [{ en = "1 s", ru = "1 с" }, { en = "4 s", ru = "4 с" }]
    answer = 2      # the second option
    because.en = "The loop has one thread, and …"
    because.ru = "…"

    [labels]
    seconds = { en = "seconds", ru = "секунды" }
"""

from pathlib import Path

import msgspec

from ..course.toml_file import read
from ..course.words import Words


class Prediction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to answer before the cell that shows it; `answer` counts the options from 1."""

    question: Words
    options: list[Words]
    answer: int
    because: Words

    def __post_init__(self) -> None:
        if not 1 <= self.answer <= len(self.options):
            raise ValueError(f"there is no option {self.answer}")


class NotebookWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All words of one notebook's outputs, by their names."""

    predictions: dict[str, Prediction] = {}
    labels: dict[str, Words] = {}


def words_path(notebook: Path) -> Path:
    """Return where the words of the English `notebook` stand."""
    return notebook.with_suffix(".toml")


def read_words(notebook: Path) -> NotebookWords:
    """Return the words of the English `notebook`; none where it has no such file.

    Raises BrokenDescription.
    """
    path = words_path(notebook)
    return read(path, NotebookWords) if path.is_file() else NotebookWords()
