"""Which files of a lesson's folder are the Django project, and which of those are the learner's."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

#: Goal, tasks and agreement, in English and in Russian.
READMES = ("README.md", "README.ru.md")
#: What the page shows before the first task: a program of its own, in one file.
EXAMPLE = "example.py"
#: What stands beside the project in a lesson's folder.
_APART = {"stubs", "accepted", "further", "tests", "demo", EXAMPLE}
#: What running a project leaves behind.
_LEFTOVERS = {"__pycache__", ".pytest_cache", ".hypothesis", ".venv", ".git", ".idea", ".vscode"}
_LEFTOVER_ENDINGS = {".pyc", ".sqlite3", ".sqlite3-journal"}

#: What `submit` never takes, whatever its globs say: it could reach into the judging itself.
_NEVER_SUBMITTED = {"conftest.py", "sitecustomize.py", "usercustomize.py"}
_NEVER_SUBMITTED_ENDINGS = {".toml", ".ini", ".pth"}


def files_below(folder: Path) -> Iterator[PurePosixPath]:
    """Yield the files below `folder`, as sorted relative paths; leftovers of running are not."""
    found = []
    # Folders may come and go meanwhile (a cache, say): `walk` passes over what is gone.
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LEFTOVERS]
        for path in (Path(parent, name) for name in names if name not in _LEFTOVERS):
            if path.suffix not in _LEFTOVER_ENDINGS and path.is_file() and not path.is_symlink():
                found.append(PurePosixPath(path.relative_to(folder).as_posix()))
    yield from sorted(found)


def project_files(folder: Path) -> list[PurePosixPath]:
    """Return the files of a lesson's project, without what is said and checked about it."""
    return [
        path
        for path in files_below(folder)
        if path.parts[0] not in _APART and path.suffix != ".toml" and path.name not in READMES
    ]


def is_submitted(path: PurePosixPath, globs: list[str]) -> bool:
    """Return whether `path` is one of the learner's files by the lesson's `submit` globs."""
    if path.parts[0] in _APART or path.name in _NEVER_SUBMITTED:
        return False
    if path.suffix in _NEVER_SUBMITTED_ENDINGS:
        return False
    return matches(path, globs)


def matches(path: PurePosixPath, globs: list[str]) -> bool:
    """Return whether `path` matches one of `globs`; `chat/**` stands for all below `chat/`."""
    return any(
        path.is_relative_to(glob[:-3]) if glob.endswith("/**") else path.match(glob)
        for glob in globs
    )
