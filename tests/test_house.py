"""The house holds: rooms import one way, and the engine knows no lesson."""

import ast
import re
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import all_lessons

PACKAGE = REPOSITORY / "src" / "channels_workshop"
#: From top to bottom: a room imports only rooms below it.
ROOMS = [
    "cli",
    "live",
    "stage",
    "upkeep",
    "grading",
    "authoring",
    "notebooks",
    "learner",
    "chat_checks",
    "judging",
    "processes",
    "course",
]
#: What no room of the tool may import: lessons do.
FOR_LESSONS_ONLY = "chat_checks"
#: Rooms that may say what lessons are about: the one, what cells of their notebooks call, and what is
#: shown with lessons' projects.
SPEAK_OF_LESSONS = {FOR_LESSONS_ONLY, "notebooks", "stage"}
#: Sentences of the tool's own, beside which a word of a lesson may stand for something else.
GROUND = ["language", "errors", "invocation"]

#: What lessons are about. A word here is one that only a lesson, or the chat family, would say.
LESSONS_WORDS = {
    *("postcard", "sunrise", "upstream", "weather"),
    *("echo", "knock"),
    *("chat", "room", "tab"),
    "online",
    *("ticket", "token", "bearer"),
    *("announcement", "outage"),
}
#: Where such a word means something else, and what.
MEANT_OTHERWISE = {
    ("judging", "tab"): "a tab of a real browser",
    ("live", "tab"): "a tab of the browser that shows the panel",
    ("processes", "token"): "random text, as the module `secrets` calls it",
}


def modules(room: str) -> list[Path]:
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms, and modules of the ground floor, that a module imports."""
    package = path.relative_to(PACKAGE).with_suffix("").parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level == 0:
            parts = (node.module or "").split(".")
            names = parts[1:] if parts[0] == "channels_workshop" else None
        else:
            base = package[: len(package) - node.level]
            names = [*base, *filter(None, (node.module or "").split("."))]
        if names is not None:
            found.add(names[0] if names else node.names[0].name)
    return found - {"REPOSITORY", "__version__"}


@pytest.mark.parametrize("room", [*ROOMS, *GROUND])
def test_a_room_imports_only_what_is_below_it(room):
    below = [*ROOMS, *GROUND][[*ROOMS, *GROUND].index(room) :]
    for path in modules(room):
        imported = imported_rooms(path) - {"channels_workshop"}
        allowed = {*below, *GROUND} - ({FOR_LESSONS_ONLY} - {room})
        assert imported <= allowed, f"{path.relative_to(PACKAGE)}: {imported - allowed}"


def texts_in(path: Path) -> list[tuple[int, str]]:
    """Return a module's names and texts, docstrings aside, each with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (getattr(node, "lineno", 0), text)
        for node in ast.walk(tree)
        if id(node) not in docstrings
        for text in (getattr(node, name, None) for name in ("id", "attr", "arg", "name", "value"))
        if isinstance(text, str)
    ]


def words_of(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", text)]


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in SPEAK_OF_LESSONS])
def test_the_engine_knows_no_lesson(room):
    nouns = {word for word in LESSONS_WORDS if (room, word) not in MEANT_OTHERWISE}
    nouns |= {f"{noun}s" for noun in nouns}
    names = [lesson.name for lesson in all_lessons()]
    for path in modules(room):
        found = [
            (line, text)
            for line, text in texts_in(path)
            if nouns.intersection(words_of(text)) or any(name in text for name in names)
        ]
        assert not found, path.relative_to(PACKAGE)


def test_the_words_are_those_that_lessons_use():
    """A list that names nothing would let everything by."""
    used = set()
    for folder in [*REPOSITORY.glob("lessons/*/tests"), PACKAGE / FOR_LESSONS_ONLY]:
        for path in folder.rglob("*.py"):
            used |= {word for _line, text in texts_in(path) for word in words_of(text)}
    assert LESSONS_WORDS - used == set()
