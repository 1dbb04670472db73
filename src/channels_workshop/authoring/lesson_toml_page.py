"""The page about a lesson's descriptions: their tables and fields, as the program reads them.

Which fields there are, of what type, and which may be left out, is taken from the msgspec structs; what
a table is, from their docstrings. `docs/lesson_toml.toml` says what each field means, in both languages,
and the docstrings in Russian, each beside the English one that it follows.
"""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from ..course.lesson import LessonFile
from ..course.mistakes import FreedomsFile, MistakesFile
from ..course.toml_file import read
from ..course.words import WordList, Words
from ..errors import WorkshopError
from ..language import Language
from .mutants.equivalents import EquivalentsFile

#: Each description by its file's name.
_FILES: dict[str, type[msgspec.Struct]] = {
    "lesson.toml": LessonFile,
    "mistakes.toml": MistakesFile,
    "freedoms.toml": FreedomsFile,
    "equivalents.toml": EquivalentsFile,
}


class _About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one table is, and what its fields mean."""

    means: Words
    fields: dict[str, Words] = {}


def lesson_toml_lines(docs: Path, language: Language) -> Iterator[str]:
    """Yield what stands on the page: a heading for each file, and a table for each of its tables.

    Raises WorkshopError where a field has no words, or words have no field.
    """
    path = docs / "lesson_toml.toml"
    words = read(path, dict[str, _About])
    told = set()
    for name, file in _FILES.items():
        yield from ("", f"## {name} {{ #{name.replace('.', '-')} }}")
        for table in msgspec.structs.fields(file):
            told.add(table.name)
            if table.name not in words:
                raise WorkshopError(f"{path} says nothing about {table.name}", "Say what it is.")
            yield from _table(table, words[table.name], path, language)
    if unknown := sorted(words.keys() - told):
        raise WorkshopError(f"{path}: no description has {', '.join(unknown)}", "Take it out.")
    yield ""


def _table(
    table: msgspec.structs.FieldInfo, about: _About, path: Path, language: Language
) -> Iterator[str]:
    struct = _struct_in(table.type)
    is_many = get_origin(table.type) is list
    header = f"[[{table.name}]]" if is_many else f"[{table.name}]"
    fields = msgspec.structs.fields(struct) if struct else ()
    if struct:
        _refuse_other_words(struct, about, path)
    yield from ("", f"### `{header}` {{ #{table.name.replace('_', '-')} }}", "")
    yield about.means.spoken(language)
    if fields:
        yield from ("", _HEADINGS[language], "|---|---|---|")
    for field in fields:
        kind = _kind(field.type, language)
        if not field.required:
            kind = f"{kind}, {_OPTIONAL[language]}"
        yield f"| `{field.name}` | {kind} | {about.fields[field.name].spoken(language)} |"


def _refuse_other_words(struct: type[msgspec.Struct], about: _About, path: Path) -> None:
    names = {field.name for field in msgspec.structs.fields(struct)}
    if wrong := sorted(names ^ about.fields.keys()):
        raise WorkshopError(f"{path}: {struct.__name__}: {', '.join(wrong)}", "Both have the same.")
    summary = " ".join((struct.__doc__ or "").split("\n\n")[0].split())
    if summary != about.means.en:
        raise WorkshopError(
            f"{path}: the docstring of {struct.__name__} says: {summary}",
            "Copy it, and let the Russian follow.",
        )


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct that a table is read into; None where its keys are free."""
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


# ---- Types in words.

_HEADINGS = {"en": "| Field | Type | What it means |", "ru": "| Поле | Тип | Что значит |"}
_OPTIONAL = {"en": "optional", "ru": "не обязательно"}
_ONE: dict[Any, dict[Language, str]] = {
    str: {"en": "text", "ru": "текст"},
    int: {"en": "number", "ru": "число"},
    Words: {"en": "text in both languages", "ru": "текст на двух языках"},
    WordList: {"en": "list in both languages", "ru": "список на двух языках"},
}
_MANY: dict[Any, dict[Language, str]] = {
    str: {"en": "list of texts", "ru": "список текстов"},
    Words: {"en": "list of texts in both languages", "ru": "список текстов на двух языках"},
}
_TABLE: dict[Language, str] = {"en": "table of texts", "ru": "таблица текстов"}


def _kind(kind: Any, language: Language) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):  # a field that may be None
        return _kind(arguments[0], language)
    if origin is dict:
        return _TABLE[language]
    if origin is list and get_origin(arguments[0]) is Literal:
        return ", ".join(f"`{text}`" for text in get_args(arguments[0]))
    return _MANY[arguments[0]][language] if origin is list else _ONE[kind][language]
