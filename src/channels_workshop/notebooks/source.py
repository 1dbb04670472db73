"""A notebook as a file: its cells, read and written in the one form that a review can read.

`notebooks/NN_name.ipynb` is the source. It holds no outputs, and of metadata only the kernel and
the tags of cells; each cell has an id that says what it is about.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import Language, message

NOTEBOOKS = REPOSITORY / "notebooks"

#: The kernel that every notebook names; see `kernel.py`.
KERNEL = "channels-workshop"
KERNEL_TITLE = "Channels workshop"

_METADATA = {
    "kernelspec": {"display_name": KERNEL_TITLE, "language": "python", "name": KERNEL},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Cell:
    """One cell; `id` is a name such as `four-requests`, `tags` are Jupyter's own."""

    id: str
    kind: Literal["markdown", "code"]
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook called `name`, such as `03_chat_consumer`."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def fingerprint(self) -> str:
        """What changes where any cell does."""
        parts = [(cell.id, cell.kind, cell.text, cell.tags) for cell in self.cells]
        return fingerprint(json.dumps(parts, ensure_ascii=False))

    def document(self) -> dict[str, Any]:
        """Return it as Jupyter's own document, format 4.5."""
        return {
            "cells": [_as_json(cell) for cell in self.cells],
            "metadata": _METADATA,
            "nbformat": 4,
            "nbformat_minor": 5,
        }

    def as_text(self) -> str:
        """Return the file's text."""
        return json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n"


def fingerprint(text: str) -> str:
    """Return a short hash of a text, as pages and Russian cells note it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def notebook_path(name: str, language: Language, root: Path = NOTEBOOKS) -> Path:
    """Return where the notebook `name` stands below `root`."""
    return root / f"{name}.ipynb" if language == "en" else root / language / f"{name}.ipynb"


def notebook_names(root: Path = NOTEBOOKS) -> list[str]:
    """Return the names of all notebooks, in order."""
    return sorted(path.stem for path in root.glob("[0-9][0-9]_*.ipynb"))


def find_notebook(lesson: str, root: Path = NOTEBOOKS) -> str:
    """Return the name of a lesson's notebook. Raises WorkshopError where it has none."""
    if lesson in notebook_names(root):
        return lesson
    raise WorkshopError(
        message("{lesson} has no notebook.", lesson=lesson),
        message("There are: {names}.", names=", ".join(notebook_names(root))),
    )


def read_notebook(path: Path) -> Notebook:
    """Return the notebook at `path`; outputs and further metadata are passed over.

    Raises WorkshopError where the file is no notebook.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(_from_json(cell) for cell in document["cells"])
    except (ValueError, LookupError, TypeError):
        raise WorkshopError(
            message("{path} is not a notebook.", path=str(path)),
            message("Open it in an editor, or bring it back from git."),
        ) from None
    return Notebook(path.stem, cells)


def _from_json(cell: dict[str, Any]) -> Cell:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    kind: Literal["markdown", "code"] = "code" if cell["cell_type"] == "code" else "markdown"
    tags = tuple(cell.get("metadata", {}).get("tags", ()))
    return Cell(cell.get("id", ""), kind, text.rstrip(), tags)


def _as_json(cell: Cell) -> dict[str, Any]:
    document: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.text.splitlines(keepends=True),
    }
    if cell.kind == "code":
        document |= {"execution_count": None, "outputs": []}
    return document
