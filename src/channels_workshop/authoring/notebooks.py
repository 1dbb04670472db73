"""Notebooks as files: the English ones in their one form, the Russian ones made from them.

`notebooks/ru/NN_name.md` holds the Russian text of each Markdown cell under a line that names the cell,
and the hash of the English text that it follows:

    <!-- four-requests 0123456789abcdef -->

    Четверо приходят одновременно …

`workshop.py tables` puts it into `notebooks/ru/NN_name.ipynb`, with the code cells as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..notebooks.source import (
    Notebook,
    fingerprint,
    notebook_names,
    notebook_path,
    read_notebook,
)

_HEAD = re.compile(r"^<!-- (?P<id>[\w-]+)(?: (?P<follows>[0-9a-f]*))? -->$", re.MULTILINE)


@dataclass(frozen=True)
class Translated:
    """The Russian text of a cell, and the hash of the English text that it follows."""

    text: str
    follows: str


def translation_path(name: str, root: Path) -> Path:
    """Return where the Russian texts of a notebook stand, below the folder of notebooks."""
    return root / "ru" / f"{name}.md"


def read_translation(path: Path) -> dict[str, Translated]:
    """Return the Russian texts by the ids of their cells, in the file's order."""
    if not path.is_file():
        return {}
    _, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
    ids, hashes, texts = parts[::3], parts[1::3], parts[2::3]
    return {
        name: Translated(text.strip(), follows or "")
        for name, follows, text in zip(ids, hashes, texts, strict=True)
    }


def outdated_cells(english: Notebook, texts: dict[str, Translated]) -> list[str]:
    """Return what is wrong with the Russian texts of a notebook, a line each."""
    cells = {cell.id: cell for cell in english.cells if cell.kind == "markdown"}
    wrong = [
        f"{name}: the English notebook has no such cell" for name in texts.keys() - cells.keys()
    ]
    for cell in cells.values():
        current = fingerprint(cell.text)
        if cell.id not in texts:
            wrong.append(f"{cell.id}: no Russian text; begin it with <!-- {cell.id} {current} -->")
        elif texts[cell.id].follows != current:
            wrong.append(
                f"{cell.id}: the English text has changed; bring the Russian one up to date, then "
                f"begin it with <!-- {cell.id} {current} -->"
            )
    return sorted(wrong)


def in_russian(english: Notebook, texts: dict[str, Translated]) -> Notebook:
    """Return the notebook with its Markdown cells in Russian; one without a text stays English."""
    cells = [
        replace(cell, text=texts[cell.id].text) if cell.id in texts else cell
        for cell in english.cells
    ]
    return replace(english, cells=tuple(cells))


def notebook_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each notebook below `root`, in both languages, with the text that it ought to have."""
    for name in notebook_names(root):
        path = notebook_path(name, "en", root)
        english = read_notebook(path)
        yield path, english.as_text()
        texts = read_translation(translation_path(name, root))
        if texts:
            yield notebook_path(name, "ru", root), in_russian(english, texts).as_text()
