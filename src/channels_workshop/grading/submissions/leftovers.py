"""What is found beside a learner's work and is none of it: left by systems, editors, programs."""

from collections.abc import Iterable

from ...language import Message, message

_PACKAGES = {"venv", ".venv", "node_modules", "site-packages"}
_FROM_THE_SYSTEM = {"__MACOSX", ".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini"}
#: In a virtual environment's folder, whatever that is called.
ENVIRONMENT = "pyvenv.cfg"
#: Where a file comes from, beside each file that was copied from Windows to Linux.
_FROM_WINDOWS = ":Zone.Identifier"
_FROM_RUNNING = (".pyc", ".pyo", ".sqlite3", ".sqlite3-journal", ".sqlite3-wal", ".sqlite3-shm")
_FROM_EDITORS = ("~", ".swp", ".swo", ".orig", ".rej")

_SYSTEM_FILES = {name.lower() for name in _FROM_THE_SYSTEM}


def leftover_folder(name: str) -> Message | None:
    """Return why a folder is passed over with all that is in it; None for one that is looked into.

    Hidden folders are: settings of editors, caches, histories, and the backups that `reset` makes.
    """
    if name in _PACKAGES:
        return packages()
    if name.lower() in _SYSTEM_FILES:
        return message("Made by the operating system.")
    if name == ".git":
        return message("The history of a repository: in a folder or archive the files count.")
    if name == "__pycache__":
        return message("Left by running the project.")
    if name.startswith(".") and name != "..":
        return message("A hidden folder.")
    return None


def left_behind(path: str) -> Message | None:
    """Return why a file is none of a learner's work; None where it may be."""
    name = path.rpartition("/")[2]
    if name.lower() in _SYSTEM_FILES or name.startswith("._") or name.endswith(_FROM_WINDOWS):
        return message("Made by the operating system.")
    if name.endswith(_FROM_RUNNING):
        return message("Left by running the project.")
    if name.endswith(_FROM_EDITORS) or name.startswith(".#"):
        return message("Left by an editor.")
    return None


def leftover_folders(paths: Iterable[str]) -> dict[str, Message]:
    """Return the folders above `paths` that are passed over, each with a slash at its end."""
    found: dict[str, Message] = {}
    seen: set[str] = set()
    for path in paths:
        folder, _slash, name = path.rpartition("/")
        if name == ENVIRONMENT and folder:
            found[f"{folder}/"] = packages()
        while folder and folder not in seen:
            seen.add(folder)
            parent, _slash, name = folder.rpartition("/")
            if why := leftover_folder(name):
                found[f"{folder}/"] = why
            folder = parent
    return found


def packages() -> Message:
    """Return why a virtual environment is passed over."""
    return message("Installed packages, not your work.")
