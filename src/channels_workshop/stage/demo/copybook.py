"""The code that a demo fills in, by name: it stands in the lesson, so a demo cannot drift from it."""

import difflib
from pathlib import Path, PurePosixPath

from ...course.lesson import Lesson
from ...course.sections import replace, sections_in, without_markers
from ...errors import WorkshopError
from .acts import Fill

#: Given code of the demo alone, in the lesson's folder.
FOLDER = "demo"


class NoSuchCode(WorkshopError):
    """A demo fills in what the lesson does not have. For authors, so in English."""


def text_of(lesson: Lesson, fill: Fill) -> str:
    """Return the code that `fill` writes, as a page shows it. Raises NoSuchCode."""
    if bool(fill.section) == bool(fill.file):
        raise NoSuchCode("it fills a section or a file", "Name one of the two.")
    if fill.section and fill.section not in lesson.sections:
        names = ", ".join(lesson.sections)
        raise NoSuchCode(f"there is no section {fill.section!r}", f"There are: {names}.")
    if fill.file and PurePosixPath(fill.file) not in lesson.project_files:
        raise NoSuchCode(f"the project has no file {fill.file!r}", "Name one of its files.")
    kind, _, name = fill.of.partition("/")
    match kind:
        case "reference" if not name:
            text = _of_reference(lesson, fill)
        case "stubs" if not name and fill.section in lesson.stubs:
            text = lesson.stubs[fill.section]
        case "mistakes" if name in lesson.mistakes:
            mistake = lesson.mistakes[name]
            text = (mistake.sections if fill.section else mistake.files).get(_key(fill), "")
        case "further" if fill.file and name in lesson.further:
            text = _read(lesson.folder / "further" / name / fill.file)
        case "demo" if name:
            text = _read(lesson.folder / FOLDER / name)
        case _:
            text = ""
    if not text.strip():
        raise NoSuchCode(
            f"{fill.of!r} has nothing for {_key(fill)!r}",
            "Say reference, stubs, mistakes/ID, further/NAME (for a file) or demo/NAME.py.",
        )
    return text.strip("\n") + "\n"


def path_of(lesson: Lesson, fill: Fill) -> PurePosixPath:
    """Return the path, in the project, of the file that `fill` writes to."""
    if fill.file:
        return PurePosixPath(fill.file)
    section = lesson.sections[fill.section]
    return PurePosixPath(section.path.relative_to(lesson.folder).as_posix())


def write(lesson: Lesson, fill: Fill, project: Path) -> str:
    """Write the code of `fill` into the copy in `project`; return what stood there, as it is shown."""
    text, path = text_of(lesson, fill), project / path_of(lesson, fill)
    before = path.read_text(encoding="utf-8")
    if fill.section:
        shown = sections_in(path)[fill.section].text
        written = replace(before, {fill.section: text})
    else:
        shown, written = without_markers(before), text
    path.write_text(written, encoding="utf-8", newline="\n")
    return shown


def shown_text(lesson: Lesson, fill: Fill) -> str:
    """Return the code of `fill` as the stage shows it: dedented, without markers."""
    text = text_of(lesson, fill)
    return without_markers(text) if fill.file else text


def changed_lines(before: str, after: str) -> list[int]:
    """Return the numbers, from 0, of the lines of `after` that are new or another than in `before`."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return [
        number
        for tag, _i1, _i2, begin, end in matcher.get_opcodes()
        if tag in ("replace", "insert")
        for number in range(begin, end)
    ]


def _of_reference(lesson: Lesson, fill: Fill) -> str:
    if fill.section:
        return lesson.sections[fill.section].text
    return _read(lesson.folder / fill.file)


def _key(fill: Fill) -> str:
    return fill.section or fill.file


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
