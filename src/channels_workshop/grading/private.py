"""Private checks: an instructor's own, in a folder that has the form of the lessons.

`FOLDER/NN_name/` holds a `lesson.toml` with nothing but `[[checks]]` and `[messages]`, the checks in
`tests/test_*.py`, and, where there are any, `mistakes.toml`. Assembled with the lesson in a temporary
folder they are a lesson like any other, whose `private` names what students are not shown.
"""

import ast
import difflib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import msgspec

from ..course.copies import lay_over
from ..course.lesson import Check, Lesson, load_lesson
from ..course.mistakes import read_mistakes
from ..course.project import files_below
from ..course.toml_file import BrokenDescription, line_of, read
from ..course.words import Words

_DESCRIPTION, _MISTAKES, _TESTS = "lesson.toml", "mistakes.toml", "tests"
_FORM = "The page about private checks shows such a folder."


class _Private(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an instructor's `lesson.toml` holds."""

    checks: list[Check]
    messages: dict[str, Words] = {}


@contextmanager
def all_with_private(lessons: Mapping[str, Lesson], folder: Path) -> Iterator[dict[str, Lesson]]:
    """Give `lessons`, by name, those with private checks in `folder` assembled with them.

    Raises BrokenDescription, with file, line and fix, where a folder in it is no lesson's, or holds
    what cannot be.
    """
    with ExitStack() as kept:
        together = dict(lessons)
        for place in private_folders(folder, lessons):
            together[place.name] = kept.enter_context(with_private(lessons[place.name], place))
        yield together


def private_folders(folder: Path, lessons: Mapping[str, Lesson]) -> list[Path]:
    """Return the folders of private checks in `folder`, each named as one of `lessons`, in order."""
    if not folder.is_dir():
        raise BrokenDescription(folder, 1, "there is no such folder", _FORM)
    found = [
        path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] not in "._"
    ]
    for place in found:
        if place.name not in lessons:
            near = difflib.get_close_matches(place.name, lessons)
            fix = f"Rename it: {', '.join(near or lessons)}."
            raise BrokenDescription(place, 1, f"there is no lesson {place.name!r}", fix)
    if not found:
        raise BrokenDescription(
            folder, 1, "no lesson's folder is in it", f"Make one, such as {next(iter(lessons))}."
        )
    return found


@contextmanager
def with_private(lesson: Lesson, place: Path) -> Iterator[Lesson]:
    """Give `lesson` with the private checks in `place` after its own; it is gone with the context.

    Raises BrokenDescription, with file, line and fix, where they do not fit.
    """
    private = _read(lesson, place)
    with tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True) as temporary:
        # Resolved, since a traceback names real paths.
        folder = Path(temporary).resolve() / lesson.name
        lay_over(lesson.folder, folder, [p for p in files_below(lesson.folder) if _is_needed(p)])
        lay_over(place, folder, [path for path in files_below(place) if path.parts[0] == _TESTS])
        _describe(folder, private)
        if (place / _MISTAKES).is_file():
            mistakes = (place / _MISTAKES).read_text(encoding="utf-8")
            _append(folder / _MISTAKES, mistakes)
        together = load_lesson(folder)
        yield replace(together, private=tuple(check.id for check in private.checks))


def _is_needed(path: PurePosixPath) -> bool:
    return path.parts[0] != "further"


# ---- What does not fit.


def _read(lesson: Lesson, place: Path) -> _Private:
    """Return what `place` holds, of which everything fits the lesson."""
    path = place / _DESCRIPTION
    private = read(path, _Private)
    text = path.read_text(encoding="utf-8")
    tests = _tests_in(place)
    checks = [check.id for check in lesson.checks]
    seen: set[str] = set()
    for index, check in enumerate(private.checks):
        if wrong := _why_not(check, lesson, checks, seen, tests):
            raise BrokenDescription(path, line_of(text, f"$.checks[{index}].id"), *wrong)
        seen.add(check.id)
    for name in private.messages.keys() & lesson.messages.keys():
        line = line_of(text, f"$.messages.{name}")
        what = f"the lesson has a sentence {name!r} already"
        raise BrokenDescription(path, line, what, "Give yours another name.")
    for name, (test, line) in tests.items():
        if name not in seen:
            fix = f"Add [[checks]] with id = {name!r} to {_DESCRIPTION}, or rename the function."
            raise BrokenDescription(test, line, f"test_{name} belongs to no check", fix)
    _refuse_names_of_the_lesson(lesson, place)
    _refuse_mistakes(lesson, place, [*checks, *seen])
    return private


def _why_not(
    check: Check,
    lesson: Lesson,
    checks: list[str],
    seen: set[str],
    tests: Mapping[str, tuple[Path, int]],
) -> tuple[str, str] | None:
    """Return what is wrong with a private check, and the fix."""
    tasks = [task.id for task in lesson.tasks]
    if check.id in checks:
        return f"the lesson has a check {check.id!r} already", "Give yours another id."
    if check.id in seen:
        return f"the id {check.id!r} is used twice", "Rename one of the two."
    if check.task not in tasks:
        fix = f"The tasks are: {', '.join(tasks)}."
        return f"check {check.id!r} belongs to the task {check.task!r}, which does not exist", fix
    if unknown := [name for name in check.sentences if name not in lesson.promises]:
        fix = f"The agreement promises: {', '.join(lesson.promises)}."
        return f"check {check.id!r} names no sentence: {', '.join(unknown)}", fix
    if check.id not in tests:
        fix = f"Write it into a file tests/test_….py: async def test_{check.id}(visitor): …"
        return f"there is no function test_{check.id} in tests/", fix
    return None


def _tests_in(place: Path) -> dict[str, tuple[Path, int]]:
    """Return where each check stands, by its id. Raises BrokenDescription for what is no Python."""
    found = {}
    for path in sorted((place / _TESTS).glob("test_*.py")):
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", 1) or 1
            raise BrokenDescription(path, line, f"not Python: {error}", "Mend it.") from None
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = node.name.removeprefix("test_")
                if name != node.name:
                    found[name] = path, node.lineno
    return found


def _refuse_names_of_the_lesson(lesson: Lesson, place: Path) -> None:
    """Raise BrokenDescription for a file that would take the place of one of the lesson's."""
    for path in files_below(place):
        if path.parts[0] != _TESTS:
            continue
        if (lesson.folder / path).exists():
            what = f"the lesson has a file {path} already"
            fix = "Rename yours; what its fixtures are for can stand in test_….py itself."
            raise BrokenDescription(place / path, 1, what, fix)


def _refuse_mistakes(lesson: Lesson, place: Path, checks: list[str]) -> None:
    """Raise BrokenDescription for private mistakes that do not fit."""
    if not (place / _MISTAKES).is_file():
        return
    path = place / _MISTAKES
    text = path.read_text(encoding="utf-8")
    for index, mistake in enumerate(read_mistakes(place, checks)):
        unknown = sorted(mistake.sections.keys() - lesson.sections.keys())
        if mistake.id in lesson.mistakes:
            wrong = f"the lesson has a mistake {mistake.id!r} already", "Give yours another id."
        elif unknown:
            sections = ", ".join(lesson.stubs)
            wrong = f"there is no section {', '.join(unknown)}", f"There are: {sections}."
        else:
            continue
        raise BrokenDescription(path, line_of(text, f"$.mistakes[{index}].id"), *wrong)


# ---- Putting them together.


def _describe(folder: Path, private: _Private) -> None:
    """Add the checks and sentences to the `lesson.toml` in `folder`."""
    path = folder / _DESCRIPTION
    if private.messages:
        sentences = "\n".join(
            f"{_toml(name)} = {_toml(words)}" for name, words in private.messages.items()
        )
        text = path.read_text(encoding="utf-8")
        table = "[messages]\n"
        text, count = re.subn(r"(?m)^\[messages\]\s*?$\n", lambda _: f"{table}{sentences}\n", text)
        path.write_text(text if count else f"{text}\n{table}{sentences}\n", encoding="utf-8")
    _append(path, "\n".join(_entry(check) for check in private.checks))


def _entry(check: Check) -> str:
    fields = {name: getattr(check, name) for name in check.__struct_fields__}
    return "\n".join(["[[checks]]", *(f"{n} = {_toml(v)}" for n, v in fields.items()), ""])


def _toml(value: object) -> str:
    """Return a value as TOML has it: for texts, numbers and lists of them that is JSON."""
    if isinstance(value, Words):
        return f"{{ en = {_toml(value.en)}, ru = {_toml(value.ru)} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"\n{text}\n")
