"""Makes the mutants of a lesson: each is one changed file of the reference."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import libcst as cst

from ...course.lesson import Lesson
from .left_alone import Leave
from .operators import Place, Replacement, operators_for


@dataclass(frozen=True)
class Mutant:
    """A changed `file` of the reference, and its whole new `text`.

    From `line` on, the lines `before` read `after` now; both in one line, without indentation.
    `definition` names the function or class around it, "" at the top of the module; `task` is the
    task whose section it is in.
    """

    file: str
    line: int
    before: str
    after: str
    definition: str
    task: str | None
    text: str

    @property
    def change(self) -> str:
        """What was changed, in one line."""
        return f"{self.before} → {self.after or '(nothing)'}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"


def mutants_of(lesson: Lesson) -> list[Mutant]:
    """Return the mutants of the submitted Python files of the reference, in order.

    Of an extension, those of its own lines: the others are the lesson's that it extends.
    """
    texts = {
        str(path): (lesson.folder / path).read_text(encoding="utf-8")
        for path in lesson.project_files
        if path.suffix in (".py", ".html", ".js", ".toml")
    }
    made = []
    for path in lesson.project_files:
        if lesson.is_submitted(path) and _is_mutated(path):
            extended = _lines_of_the_extended(lesson, path)
            mutants = mutants_in(str(path), texts, _tasks_by_line(lesson, str(path)))
            made += [mutant for mutant in mutants if mutant.before not in extended]
    return made


def _is_mutated(path: PurePosixPath) -> bool:
    return path.suffix == ".py" and "migrations" not in path.parts and path.name != "tests.py"


def _lines_of_the_extended(lesson: Lesson, path: PurePosixPath) -> set[str]:
    """Return the lines of that file in the lesson which this one extends; none where there is none."""
    file = lesson.extends.folder / path if lesson.extends else None
    if file is None or not file.is_file():
        return set()
    return {line.strip() for line in file.read_text(encoding="utf-8").splitlines()}


def mutants_in(file: str, texts: Mapping[str, str], tasks: Mapping[int, str]) -> list[Mutant]:
    """Return the mutants of one `file` of a project, in order of their lines.

    `texts` are the project's files by their paths, `tasks` the tasks of lines of this one.
    """
    made = list(_made_of(file, texts, tasks))
    return sorted(made, key=lambda mutant: mutant.line)


def _made_of(file: str, texts: Mapping[str, str], tasks: Mapping[int, str]) -> Iterator[Mutant]:
    text = texts[file]
    others = [other for name, other in texts.items() if name != file]
    leave = Leave(text, others, is_settings=PurePosixPath(file).name == "settings.py")
    module = cst.parse_module(text)
    pieces = [module.code_for_node(statement) for statement in module.body]
    head, tail = _around(module, pieces)
    for index, statement in enumerate(module.body):
        seen = {_meaning(pieces[index])}
        for node, replacement, place in _changes(module, statement, leave):
            changed = statement.visit(_Put(node, replacement))
            assert isinstance(changed, cst.CSTNode)
            piece = module.code_for_node(changed)
            meaning = _meaning(piece)
            # Some are no Python, some say what the original says, or another mutant.
            if meaning is None or meaning in seen:
                continue
            seen.add(meaning)
            mutated = "".join([head, *pieces[:index], piece, *pieces[index + 1 :], tail])
            line, before, after = _difference(text, mutated)
            yield Mutant(file, line, before, after, place.definition, tasks.get(line), mutated)


def _around(module: cst.Module, pieces: list[str]) -> tuple[str, str]:
    """Return what stands before the first statement, and what after the last."""
    body = "".join(pieces)
    head, _body, tail = module.code.partition(body) if body else (module.code, "", "")
    return head, tail


def _tasks_by_line(lesson: Lesson, file: str) -> dict[int, str]:
    """Return the task of each line of `file` that a section of one holds."""
    return {
        section.line + number: task.id
        for task in lesson.tasks
        for section in lesson.sections_of(task)
        if section.path == lesson.folder / file
        for number in range(len(section.body.splitlines()) + 1)
    }


def _changes(
    module: cst.Module, statement: cst.CSTNode, leave: Leave
) -> list[tuple[cst.CSTNode, Replacement, Place]]:
    finder = _Finder(module, leave)
    statement.visit(finder)
    return finder.found


class _Finder(cst.CSTVisitor):
    """Finds each node of a statement that may be changed, and what to put in its place."""

    def __init__(self, module: cst.Module, leave: Leave) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, Replacement, Place]] = []
        self._places = [Place((module,), leave)]

    def on_visit(self, node: cst.CSTNode) -> bool:
        place = self._places[-1]
        self._places.append(place.within(node))
        if place.leaves_alone(node, place):
            return False
        for operator in operators_for(node):
            self.found += [(node, replacement, place) for replacement in operator(node, place)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._places.pop()


class _Put(cst.CSTTransformer):
    """Puts a replacement in the place of one node."""

    def __init__(self, node: cst.CSTNode, replacement: Replacement) -> None:
        super().__init__()
        self._node = node
        self._replacement = replacement

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is not self._node

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        return self._replacement if original_node is self._node else updated_node


def _meaning(code: str) -> str | None:
    """Return what tells `code` from code that does something else, None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<mutant>", "exec", dont_inherit=True)
        return ast.dump(ast.parse(code))
    except SyntaxError:
        return None


def _difference(text: str, mutated: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and how the lines read before and after."""
    before, after = text.splitlines(), mutated.splitlines()
    first = _alike(before, after)
    last = _alike(before[first:][::-1], after[first:][::-1])
    lines = [" ".join(" ".join(x[first : len(x) - last]).split()) for x in (before, after)]
    return first + 1, lines[0], lines[1]


def _alike(lines: list[str], others: list[str]) -> int:
    """Return how many lines at the beginning of both are the same."""
    pairs = zip(lines, others, strict=False)
    return next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(map(len, (lines, others)))
    )
