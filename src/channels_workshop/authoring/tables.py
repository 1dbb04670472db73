"""The tables and menus that list the lessons, made from each `lesson.toml`.

They stand between two comments that name them, such as `<!-- lessons -->` and `<!-- /lessons -->`;
`workshop.py tables` writes them, a test compares.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import REPOSITORY
from ..course.lesson import Lesson
from ..course.lessons import all_lessons
from ..errors import WorkshopError
from ..language import Language, message

#: Makes the lines of one table.
Make = Callable[[Sequence[Lesson], Language], list[str]]


def write_tables(check: bool = False, root: Path = REPOSITORY) -> list[Path]:
    """Write every table; return the files that have changed, or with `check` those that should.

    Raises WorkshopError where a file lacks the comments between which its table stands.
    """
    lessons = all_lessons(root / "lessons")
    outdated = []
    for name, language, tables in _FILES:
        path = root / name
        text = path.read_text(encoding="utf-8")
        new = text
        for table, make in tables.items():
            new = _replace(new, table, make(lessons, language), path)
        if new == text:
            continue
        outdated.append(path)
        if not check:
            path.write_text(new, encoding="utf-8", newline="\n")
            _keep_in_step(root, name, text, new)
    return outdated


def _replace(text: str, table: str, lines: list[str], path: Path) -> str:
    marked = re.compile(
        rf"^(?P<begin>(?P<indent> *)(?:<!-- |# ){table}(?: -->)?\n)"
        rf".*?(?P<end>^ *(?:<!-- |# )/{table}(?: -->)?$)",
        re.DOTALL | re.MULTILINE,
    )
    found = marked.search(text)
    if found is None:
        raise WorkshopError(
            message("{path} has no place for the table “{table}”.", path=str(path), table=table),
            message("Mark it by two comments: {table} and /{table}.", table=table),
        )
    body = "".join(f"{found['indent']}{line}\n" for line in lines)
    return text[: found.start()] + found["begin"] + body + found["end"] + text[found.end() :]


def _keep_in_step(root: Path, name: str, old: str, new: str) -> None:
    """Let the Russian page follow its English one where it did so before the table was written."""
    russian = root / name.replace("docs/en/", "docs/ru/")
    if not name.startswith("docs/en/") or not russian.is_file():
        return
    before, after = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in (old, new))
    text = russian.read_text(encoding="utf-8")
    russian.write_text(text.replace(f'"{before}"', f'"{after}"'), encoding="utf-8", newline="\n")


# ---- The tables.


def _in_readme(lessons: Sequence[Lesson], language: Language) -> list[str]:
    heading = {"en": "| | lesson | adds | minutes |", "ru": "| | урок | что добавляет | минут |"}
    rows = [
        f"| [{lesson.number:02}](lessons/{lesson.name}/README.md) "
        f"| {lesson.about.title.spoken(language)} "
        f"| {lesson.about.summary.spoken(language)} | {lesson.about.minutes} |"
        for lesson in lessons
    ]
    return [heading[language], "|---|---|---|---|", *rows]


def _on_home_page(lessons: Sequence[Lesson], language: Language) -> list[str]:
    heading = {
        "en": "| | Lesson | What the project gains | Minutes |",
        "ru": "| | Урок | Что получает проект | Минут |",
    }
    rows = [
        f"| **{lesson.number:02}** "
        f"| [**{lesson.about.title.spoken(language)}**](lessons/{lesson.name}.md) "
        f"| {lesson.about.summary.spoken(language)} | **{lesson.about.minutes}** |"
        for lesson in lessons
    ]
    # Blank lines: a table that touches a comment is none.
    return ["", heading[language], "|---|---|---|---|", *rows, ""]


def _menu(lessons: Sequence[Lesson], _language: Language) -> list[str]:
    return [f"- lessons/{lesson.name}.md" for lesson in lessons]


def _course(lessons: Sequence[Lesson], language: Language) -> list[str]:
    return [
        f"- {{name: {lesson.name}, title: {lesson.about.title.spoken(language)}}}"
        for lesson in lessons
    ]


_SITE: dict[str, Make] = {"lessons": _menu, "course": _course}
#: Each file, its language, and its tables by the names in their comments.
_FILES: list[tuple[str, Language, dict[str, Make]]] = [
    ("README.md", "en", {"lessons": _in_readme}),
    ("README.ru.md", "ru", {"lessons": _in_readme}),
    ("docs/en/index.md", "en", {"lessons": _on_home_page}),
    ("docs/ru/index.md", "ru", {"lessons": _on_home_page}),
    ("mkdocs.yml", "en", _SITE),
    ("mkdocs.ru.yml", "ru", _SITE),
]
