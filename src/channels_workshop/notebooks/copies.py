"""A learner's own copies: `workspace/notebooks/`, where nothing of theirs is ever overwritten.

A copy notes which of our notebooks it was made from. So one in which no cell was changed can follow
an update of ours, and one with notes in it stays as it is.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from ..errors import WorkshopError
from ..language import Language, message
from ..learner import workspace_root
from ..learner.workspace import BACKUPS, free_backup
from .source import NOTEBOOKS, Notebook, notebook_path, read_notebook

#: Below the workspace.
FOLDER = "notebooks"

#: Our entry in a copy's metadata, which Jupyter keeps as it is.
_MADE_FROM = "channels_workshop"


@dataclass(frozen=True)
class Copy:
    """A learner's copy at `path`; `is_behind` where ours has changed since and theirs has notes."""

    path: Path
    is_behind: bool = False


class NotebookCopies:
    """The learner's copies below `root`, which is the workspace unless given."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or workspace_root()

    @property
    def folder(self) -> Path:
        """What JupyterLab shows."""
        return self.root / FOLDER

    def path(self, name: str, language: Language) -> Path:
        """Return where the copy of a notebook is, or will be."""
        return notebook_path(name, language, self.folder)

    def lay(self, name: str, language: Language) -> Copy:
        """Make the copy of a notebook where there is none; bring one without notes up to date.

        Raises WorkshopError where it cannot be written, and where a copy is no notebook any more.
        """
        ours, path = (
            read_notebook(notebook_path(name, language, NOTEBOOKS)),
            self.path(name, language),
        )
        try:
            if not path.exists():
                _write(ours, path)
                return Copy(path)
            theirs, made_from = read_notebook(path), _made_from(path)
            if made_from == ours.fingerprint:
                return Copy(path)
            if theirs.fingerprint == made_from:
                _write(ours, path)
                return Copy(path)
        except OSError as error:
            raise WorkshopError(
                message(
                    "{folder} cannot be written: {why}",
                    folder=str(self.folder),
                    why=error.strerror or str(error),
                ),
                message("Your files were not changed. Fix that and try again."),
            ) from None
        return Copy(path, is_behind=True)

    def reset(self, name: str, language: Language) -> Path | None:
        """Start a copy over; return where the one before was moved, None if there was none."""
        path = self.path(name, language)
        backup = None
        if path.exists():
            backup = free_backup(self.root / BACKUPS, f"{name}.{language}", ".ipynb")
            backup.parent.mkdir(parents=True, exist_ok=True)
            path.rename(backup)
        self.lay(name, language)
        return backup


def _write(ours: Notebook, path: Path) -> None:
    document = ours.document()
    document["metadata"] = {**document["metadata"], _MADE_FROM: {"made_from": ours.fingerprint}}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def _made_from(path: Path) -> str:
    document = json.loads(path.read_text(encoding="utf-8"))
    return str(document.get("metadata", {}).get(_MADE_FROM, {}).get("made_from", ""))
