"""Runs a notebook from top to bottom in a fresh kernel, and tells apart what may go wrong.

A cell that raises, or a statement that does not hold, says something about the notebook. A kernel that
dies or takes too long does not, and is told as such. Only the start of a kernel is tried again.
"""

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..language import Language
from .kernel import install_kernel
from .source import KERNEL, Notebook

if TYPE_CHECKING:
    from nbclient import NotebookClient

#: Seconds that one cell may take; all of a notebook is done in 30 on a quiet machine.
CELL_LIMIT = 120

_STARTS = 3


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class NotebookFailed(Exception):
    """A cell has raised, or a statement does not hold: the cell's id, and the kernel's traceback."""


class KernelLost(Exception):
    """The kernel did not start, died, or took too long: this says nothing about the notebook."""


def run_notebook(
    notebook: Notebook, folder: Path, language: Language, claims: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run `notebook` in `folder`, read in `language`; return Jupyter's document with all outputs.

    `claims` are statements, Python's own `assert`, by the id of the cell after which they have to hold.
    Raises NotebookFailed and KernelLost.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    install_kernel()
    document = nbformat.reads(notebook.as_text(), as_version=4)
    client = NotebookClient(
        document,
        kernel_name=KERNEL,
        timeout=CELL_LIMIT,
        resources={"metadata": {"path": str(folder)}},
    )
    began = notebook.name
    with ExitStack() as kept:
        _start(client, language, kept)
        try:
            for number, cell in enumerate(document.cells):
                if cell.cell_type != "code":
                    continue
                began = f"{notebook.name}, cell {cell.id}"
                client.execute_cell(cell, number)
                if statements := (claims or {}).get(cell.id):
                    began = f"{notebook.name}, a claim after cell {cell.id}"
                    client.execute_cell(nbformat.v4.new_code_cell(statements), number)
                    document.cells[number] = cell
        except CellTimeoutError:
            raise KernelLost(f"{began}: not done after {CELL_LIMIT} s") from None
        except DeadKernelError:
            raise KernelLost(f"{began}: the kernel died") from None
        except CellExecutionError as error:
            raise NotebookFailed(f"{began}\n{without_colours(str(error))}") from None
    return document


def without_colours(text: str) -> str:
    """Return what a kernel has printed, without the codes that colour a terminal."""
    return _COLOURS.sub("", text)


def _start(client: "NotebookClient", language: Language, kept: ExitStack) -> None:
    """Start the kernel, again where that fails; it is ended with `kept`. Raises KernelLost."""
    environment = os.environ | {"WORKSHOP_LANG": language}
    for remaining in reversed(range(_STARTS)):
        try:
            kept.enter_context(client.setup_kernel(env=environment))
        except RuntimeError as error:  # it died, or said nothing, before it was ready
            if not remaining:
                raise KernelLost(f"the kernel did not start: {error}") from None
        else:
            return
