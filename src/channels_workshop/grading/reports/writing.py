"""Writes reports: each file at once or not at all, and none over a file that is not a report of ours."""

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...course.lesson import Lesson
from ...errors import WorkshopError
from ...language import Language, message
from ..graded import Graded, Level
from ..marks import Mark
from ..similar import Alike
from .classroom50 import run_in
from .formats import FORMATS, Batch


@dataclass(frozen=True)
class _Planned:
    path: Path
    content: bytes | None
    begins: bytes


def write_reports(
    results: Sequence[tuple[Graded, Mark]],
    lessons: Mapping[str, Lesson],
    out: Path,
    formats: Sequence[str],
    language: Language,
    *,
    seed: int,
    sandbox: Level | None = None,
    alike: Sequence[Alike] | None = None,
    students: Iterable[str] = (),
) -> list[Path]:
    """Write the reports of `results` in `formats` below `out`, and return the files in order.

    `lessons` are by their names; `formats` are names of FORMATS. `sandbox` is the level of the whole,
    else the lowest among the results. `students` are all who may come yet, so that two whose names
    differ by little have files of the same names from the first report to the last.

    A file is whole at every moment: it is written beside its place and put there at once. Raises
    WorkshopError, before anything is written, for an unknown format and where a file stands in the
    way that is not ours.
    """
    levels = {graded.sandbox for graded, _mark in results}
    lowest: Level = "basic" if "basic" in levels else "strong"
    run = run_in(os.environ) if len(results) == 1 else None
    batch = Batch(results, lessons, language, seed, sandbox or lowest, alike, run, tuple(students))
    planned = [
        _Planned(out / path, content, FORMATS[name].begins)
        for name in dict.fromkeys(map(_known, formats))
        for path, content in FORMATS[name].files(batch)
    ]
    for file in planned:
        _refuse_foreign(file)
    for file in planned:
        _write(file)
    return [file.path for file in planned if file.content is not None]


def _known(name: str) -> str:
    if name in FORMATS:
        return name
    near = difflib.get_close_matches(name, FORMATS)
    fix = message("The formats are: {names}.", names=", ".join(FORMATS))
    if near:
        fix = message("Did you mean {names}?", names=", ".join(near))
    raise WorkshopError(message("There is no format “{name}”.", name=name), fix)


def _refuse_foreign(file: _Planned) -> None:
    path = file.path
    if not path.exists():
        return
    if path.is_file():
        with path.open("rb") as content:
            if content.read(len(file.begins)) == file.begins:
                return
    raise WorkshopError(
        message("{path} is not a report of ours: it is left as it is.", path=str(path)),
        message("Move it away, or give another folder with --out."),
    )


def _write(file: _Planned) -> None:
    path = file.path
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if file.content is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(file.content)
        part.replace(path)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise WorkshopError(
            message("{path} cannot be written: {error}", path=str(path), error=str(error)),
            message("Is it open in another program? Close it, or give another folder with --out."),
        ) from None
    finally:
        part.unlink(missing_ok=True)
