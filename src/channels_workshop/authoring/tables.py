"""What pages and menus are made of: tables of the lessons, what each task has agreed, the glossary.

The pages of the error dictionary are written with them, see `error_pages.py`.

A table stands between two comments that name it, such as `<!-- lessons -->` and `<!-- /lessons -->`;
the sentences of the agreement that a task is about are a snippet of their own, which its page
includes. `workshop.py tables` writes them, a test compares.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .. import REPOSITORY
from ..course.dictionary import families
from ..course.lesson import Lesson
from ..course.lessons import all_lessons
from ..course.pages import agreement_page, lesson_page, notebook_page, symptoms_page
from ..errors import WorkshopError
from ..language import Language, message
from .claims_table import claim_lines
from .close_code_tables import code_lines, situation_lines
from .error_pages import error_files
from .glossary import glossary_lines, tooltip_files
from .last_seen_table import last_seen_lines
from .lesson_toml_page import lesson_toml_lines
from .notebooks import notebook_files

#: Makes the lines of one table.
Make = Callable[[Sequence[Lesson], Language], list[str]]


def write_tables(check: bool = False, root: Path = REPOSITORY) -> list[Path]:
    """Write every table; return the files that have changed, or with `check` those that should.

    Raises WorkshopError where a file lacks the comments between which its table stands.
    """
    lessons = all_lessons(root / "lessons")
    outdated = []
    files = (
        *_snippets(lessons, root),
        *notebook_files(root / "notebooks"),
        *error_files(root),
        *tooltip_files(root),
    )
    for path, text in files:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        outdated.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    for name, language, tables in _FILES:
        made = {table: make(lessons, language) for table, make in tables.items()}
        if replace_tables(name, made, check, root):
            outdated.append(root / name)
    return outdated


def replace_tables(name: str, tables: dict[str, list[str]], check: bool, root: Path) -> bool:
    """Put tables, each given as its lines, into the file `name`; return whether that changes it.

    With `check` it stays as it is. Raises WorkshopError where it has no place for a table.
    """
    path = root / name
    text = new = path.read_text(encoding="utf-8")
    for table, lines in tables.items():
        new = _replace(new, table, lines, path)
    if new != text and not check:
        path.write_text(new, encoding="utf-8", newline="\n")
        _keep_in_step(root, name, text, new)
    return new != text


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


def _snippets(lessons: Sequence[Lesson], root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of `docs/snippets/agreed`, and what is to stand in them."""
    languages: list[Language] = ["en", "ru"]
    for before, lesson in zip([None, *lessons], lessons, strict=False):
        for language in languages:
            path = root / "docs" / "snippets" / "agreed" / f"{lesson.name}.{language}.md"
            yield path, "\n".join(_agreed(lesson, before, language)) + "\n"


def _agreed(lesson: Lesson, before: Lesson | None, language: Language) -> Iterator[str]:
    """Yield, task by task, the sentences that its checks are about.

    Those that stand below an earlier task, or word for word in the lesson `before`, are named only.
    """
    yield "<!-- Made by `workshop.py tables` from lesson.toml and the agreement in the README. -->"
    known = before.agreement if before else {}
    quoted: set[str] = set()
    for task in lesson.tasks:
        named = {name for check in lesson.checks_of(task) for name in check.sentences}
        sentences = {name: text for name, text in lesson.agreement.items() if name in named}
        same = [name for name, text in sentences.items() if known.get(name) == text]
        above = [name for name in sentences if name in quoted and name not in same]
        yield f"<!-- --8<-- [start:{task.id}] -->"
        for name, sentence in sentences.items():
            if name not in same and name not in above:
                yield f"- **{name}** {sentence.spoken(language)}"
        if above:
            yield _ABOVE[language].format(_listed(above))
        if same and before:
            page = f"../{agreement_page(before)}.md"
            yield _SAME[language].format(before.number, page, _listed(same))
        yield f"<!-- --8<-- [end:{task.id}] -->"
        quoted |= set(sentences)


def _listed(names: Sequence[str]) -> str:
    """Return ids of sentences in a line: `P1–P4, P6, R1`."""
    rows: list[list[str]] = []
    for name in names:
        letter, number = _number(name)
        if rows and _number(rows[-1][-1]) == (letter, number - 1):
            rows[-1].append(name)
        else:
            rows.append([name])
    return ", ".join(f"{row[0]}–{row[-1]}" if len(row) > 2 else ", ".join(row) for row in rows)


def _number(name: str) -> tuple[str, int]:
    letter = name.rstrip("0123456789")
    return letter, int(name.removeprefix(letter))


_ABOVE = {"en": "- As above: {}.", "ru": "- Как выше: {}."}
_SAME = {"en": "- As in [lesson {:02}]({}): {}.", "ru": "- Как в [уроке {:02}]({}): {}."}


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
        f"| [**{lesson.about.title.spoken(language)}**]({lesson_page(lesson)}.md) "
        f"| {lesson.about.summary.spoken(language)} | **{lesson.about.minutes}** |"
        for lesson in lessons
    ]
    # Blank lines: a table that touches a comment is none.
    return ["", heading[language], "|---|---|---|---|", *rows, ""]


def _menu(lessons: Sequence[Lesson], _language: Language) -> list[str]:
    return [f"- {lesson_page(lesson)}.md" for lesson in lessons]


def _beside(page: Callable[[Lesson], str]) -> Make:
    """Return what lists, by the lesson's title, that page of each lesson that has it."""

    def rows(lessons: Sequence[Lesson], language: Language) -> list[str]:
        return [
            f'- "{lesson.number:02} · {lesson.about.title.spoken(language)}": {page(lesson)}.md'
            for lesson in lessons
            if (_docs(lessons) / language / f"{page(lesson)}.md").is_file()
        ]

    return rows


def _docs(lessons: Sequence[Lesson]) -> Path:
    """Return the folder of the pages in the lessons' checkout."""
    return lessons[0].folder.parents[1] / "docs"


def _glossary(lessons: Sequence[Lesson], language: Language) -> list[str]:
    return [*glossary_lines(_docs(lessons), language)]


def _course(lessons: Sequence[Lesson], language: Language) -> list[str]:
    return [f"{lesson.name}: {lesson.about.title.spoken(language)}" for lesson in lessons]


def _errors(lessons: Sequence[Lesson], language: Language) -> list[str]:
    every = families(lessons[0].folder.parents[1])
    rows = [f'- "{family.title.spoken(language)}": errors/{family.name}.md' for family in every]
    return ["- errors/index.md", *rows]


def _descriptions(lessons: Sequence[Lesson], language: Language) -> list[str]:
    return [*lesson_toml_lines(_docs(lessons), language)]


def _of_root(lines: Callable[[Path, Language], Iterator[str]]) -> Make:
    """Return what makes a table of files of the checkout, whatever lessons there are."""
    return lambda lessons, language: [*lines(lessons[0].folder.parents[1], language)]


_CLOSE_CODES = {"codes": _of_root(code_lines), "situations": _of_root(situation_lines)}
_SITE: dict[str, Make] = {
    "lessons": _menu,
    "notebooks": _beside(notebook_page),
    "symptoms": _beside(symptoms_page),
    "errors": _errors,
    "agreements": _beside(agreement_page),
    "course": _course,
}
#: Each file, its language, and its tables by the names in their comments.
_FILES: list[tuple[str, Language, dict[str, Make]]] = [
    ("README.md", "en", {"lessons": _in_readme}),
    ("README.ru.md", "ru", {"lessons": _in_readme}),
    ("docs/en/index.md", "en", {"lessons": _on_home_page}),
    ("docs/ru/index.md", "ru", {"lessons": _on_home_page}),
    ("docs/en/glossary.md", "en", {"glossary": _glossary}),
    ("docs/ru/glossary.md", "ru", {"glossary": _glossary}),
    ("docs/en/reference/lesson-toml.md", "en", {"descriptions": _descriptions}),
    ("docs/ru/reference/lesson-toml.md", "ru", {"descriptions": _descriptions}),
    ("docs/en/close-codes.md", "en", _CLOSE_CODES),
    ("docs/ru/close-codes.md", "ru", _CLOSE_CODES),
    ("docs/en/checked.md", "en", {"claims": _of_root(claim_lines)}),
    ("docs/ru/checked.md", "ru", {"claims": _of_root(claim_lines)}),
    ("docs/en/last-seen.md", "en", {"releases": _of_root(last_seen_lines)}),
    ("docs/ru/last-seen.md", "ru", {"releases": _of_root(last_seen_lines)}),
    ("mkdocs.yml", "en", _SITE),
    ("mkdocs.ru.yml", "ru", _SITE),
]
