"""Migrated databases, kept: the same migrations need not be run twice.

A database is used again where no file that had a say in it has changed. Which ones those are is
seen, not guessed: the project's modules that were imported when it was made. A module more or less
counts as a change too.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path


def migrate(project: Path, settings: str, databases: Path | None) -> None:
    """Make the database of the project that this process is set up with, where it stores anything.

    It is copied from the folder `databases`, where one that fits is there, else made and kept there.
    """
    from django.db.migrations.loader import MigrationLoader

    # Read from the files alone: a project that stores nothing gets no database.
    if not MigrationLoader(None, ignore_no_migrations=True).disk_migrations:
        return
    database = _sqlite_file()
    if databases is None or database is None or database.exists():
        _migrate()
        return
    modules = _modules(project)
    kept = databases / _digest(settings.encode(), *(name.encode() for name in sorted(modules)))
    if _is_current(kept, modules):
        shutil.copyfile(kept / "database", database)
        return
    _migrate()
    _keep(database, kept, project, modules)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _sqlite_file() -> Path | None:
    """Return the file of the only database, None where there is another kind, or several."""
    from django.db import connections

    if list(connections) != ["default"]:
        return None
    default = connections["default"]
    name = default.settings_dict["NAME"]
    if default.vendor != "sqlite" or not name or default.is_in_memory_db():
        return None
    return Path(name)


def _modules(project: Path) -> dict[str, str]:
    """Return the digest of each module of the project by its path there."""
    return {
        path.relative_to(project).as_posix(): _digest(path.read_bytes())
        for path in project.rglob("*.py")
    }


def _is_current(kept: Path, modules: dict[str, str]) -> bool:
    try:
        used = json.loads((kept / "modules.json").read_bytes())
    except (OSError, ValueError):
        return False
    return all(modules.get(name) == digest for name, digest in used.items())


def _keep(database: Path, kept: Path, project: Path, modules: dict[str, str]) -> None:
    from django.db import connections

    connections.close_all()
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    paths = [Path(file).resolve() for file in files if file]
    names = [path.relative_to(project).as_posix() for path in paths if path.is_relative_to(project)]
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    shutil.copyfile(database, kept / "database")
    used = {name: modules[name] for name in names if name in modules}
    (kept / "modules.json").write_text(json.dumps(used), encoding="utf-8")


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
