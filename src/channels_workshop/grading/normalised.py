"""A program as it is compared: its syntax in one line of symbols, whatever the names and the layout.

Nothing is run. Comments, docstrings, annotations, imports and layout are gone with the parsing; names
and texts stay what they are only where the course has them from elsewhere, since nobody can rename
those.
"""

import ast
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Symbols of a file that are looked at: more is nothing that a learner has written.
_MOST = 20_000
#: Parts of the syntax that say nothing of how a program works.
_SILENT = {"annotation", "returns", "type_comment", "type_params", "ctx", "kind", "level"}
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Vocabulary:
    """The names and the constants that stay what they are; every other one is anybody's choice."""

    names: frozenset[str]
    constants: frozenset[tuple[type, object]]


@dataclass(frozen=True)
class Symbol:
    """One symbol: `code` stands for what it is, `name` for whose it is where that may be renamed.

    `line` is that of the source, from 1; symbols of one statement of several lines have several.
    """

    code: int
    name: str
    line: int


def parsed(content: bytes) -> ast.Module | None:
    """Return the syntax of a submission's file; None where it has none, or is nested too deep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a submission is no business of ours
            return ast.parse(text_of(content))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def text_of(content: bytes) -> str:
    """Return the text of a file, with its lines as Python counts them; UTF-8, whatever it says."""
    return re.sub(r"\r\n?", "\n", content.decode("utf-8-sig", errors="replace"))


def bare(content: bytes) -> str:
    """Return the text of a file without blank lines and lines of comments: a quick comparison."""
    lines = [line.rstrip() for line in text_of(content).split("\n")]
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def vocabulary_of(trees: Iterable[ast.Module]) -> Vocabulary:
    """Return what the programs of a lesson use without giving it its name themselves."""
    used: set[str] = set()
    given: set[str] = set()
    constants: set[tuple[type, object]] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        is_target = isinstance(getattr(node, "ctx", None), ast.Store)
        is_given = is_target or not isinstance(node, ast.Name | ast.Attribute | ast.keyword)
        (given if is_given else used).update(_names(node))
        if isinstance(node, ast.Constant):
            constants.add(_constant(node))
    return Vocabulary(frozenset(used - given), frozenset(constants))


def symbols_of(tree: ast.Module, known: Vocabulary) -> list[Symbol]:
    """Return a program's symbols in its order, or the first of very many."""
    found: list[Symbol] = []
    # A stack of our own: a program may be nested deeper than Python calls functions.
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting and len(found) < _MOST:
        node, line = waiting.pop()
        line = getattr(node, "lineno", line)
        if isinstance(node, _IMPORTS):
            continue
        found.append(Symbol(_code(type(node).__name__), "", line))
        found += [_of_name(name, known, line) for name in _names(node)]
        if isinstance(node, ast.Constant):
            kind, value = _constant(node)
            is_known = (kind, value) in known.constants
            found.append(Symbol(_code(f"{kind.__name__} {value if is_known else ''}"), "", line))
        waiting += [(child, line) for child in reversed(list(_children(node)))]
    return found


def _of_name(name: str, known: Vocabulary, line: int) -> Symbol:
    return Symbol(_code(name), "", line) if name in known.names else Symbol(0, name, line)


def _names(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "names"):
        value = getattr(node, field, None)
        yield from [value] if isinstance(value, str) else []
        yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for field, value in ast.iter_fields(node):
        if field in _SILENT:
            continue
        parts = value if isinstance(value, list) else [value]
        if field == "body" and parts and _is_docstring(parts[0]):
            parts = parts[1:]
        yield from (part for part in parts if isinstance(part, ast.AST))


def _is_docstring(node: object) -> bool:
    is_alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_alone and isinstance(node.value.value, str)  # type: ignore[attr-defined]


def _constant(node: ast.Constant) -> tuple[type, object]:
    return type(node.value), node.value


def _code(text: str) -> int:
    # The same in every process, which `hash` of a text is not.
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) + 2**32
