"""The first cell of a notebook: which one this is, and in which language it is read."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from .. import language
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..language import message
from .magics import register_magics
from .projects import stop_all
from .source import find_notebook, notebook_path
from .words import NotebookWords, read_words

#: Where Jupyter says which file this kernel was started for, in the environment; and VS Code, among
#: the notebook's own variables.
_IN_JUPYTER, _IN_VS_CODE = "JPY_SESSION_NAME", "__vsc_ipynb_file__"


@dataclass
class Begun:
    """The notebook of this kernel: its words, and what the learner has predicted so far."""

    name: str
    words: NotebookWords
    guesses: dict[str, int] = field(default_factory=dict)


_begun: Begun | None = None


def begin(lesson: str) -> None:
    """Begin the notebook of `lesson`, such as `"03"`; again, as if nothing had been run yet.

    Servers that this kernel has started are ended. Raises WorkshopError where there is no such
    notebook.
    """
    global _begun
    language.speak(_language_of_reader())
    name = find_notebook(find_lesson(lesson).name)
    stop_all()
    register_magics()
    _begun = Begun(name, read_words(notebook_path(name, "en")))


def begun() -> Begun:
    """Return the notebook that was begun. Raises WorkshopError where none was."""
    if _begun is None:
        raise WorkshopError(
            message("This notebook is not begun yet."), message("Run its first cell.")
        )
    return _begun


def label(name: str) -> str:
    """Return one of the notebook's labels in the reader's language. Raises KeyError."""
    return begun().words.labels[name].spoken(language.current())


def _language_of_reader() -> language.Language:
    """Return the language of the notebook's own text, where the editor says which file it is."""
    from IPython import get_ipython

    shell = get_ipython()
    variables = shell.user_ns if shell else {}
    if path := os.environ.get(_IN_JUPYTER) or variables.get(_IN_VS_CODE):
        return "ru" if Path(path).parent.name == "ru" else "en"
    return language.choose()
