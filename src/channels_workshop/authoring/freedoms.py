"""Freedoms that one project takes together: many are shown by one verdict."""

import ast
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..course.lesson import Lesson
from ..course.mistakes import Freedom
from ..judging.judge import Judge
from .trials import Outcome, Trial, run_trial


def together(freedoms: Iterable[Trial], seed: int | None = None) -> list[list[Trial]]:
    """Return freedoms in groups that one project can take, since they change different parts of it.

    With a `seed` others are together: what only some do to each other is found that way.
    """
    groups: list[list[Trial]] = []
    freedoms = list(freedoms)
    if seed is not None:
        random.Random(seed).shuffle(freedoms)
    for trial in freedoms:
        for group in groups:
            if not any(_meet(trial.freedom, other.freedom, trial.lesson) for other in group):
                group.append(trial)
                break
        else:
            groups.append([trial])
    return groups


def run_together(freedoms: Sequence[Trial], judge: Judge, seed: int | None = None) -> list[Outcome]:
    """Judge freedoms that one project takes all of; one by one where that does not pass.

    What keeps the agreement with all of them shows that each may be taken. Where each passes by
    itself and all of them do not, a check has asked for what the agreement leaves open, or two of
    them undo each other: the first outcome says so.
    """
    first, *others = freedoms
    outcome = run_trial(first, judge, thorough=False, seed=seed, beside=others)
    if not outcome.wrong:
        return [replace(outcome, trial=trial) for trial in freedoms]
    alone = [run_trial(trial, judge, thorough=False, seed=seed) for trial in freedoms]
    if any(each.wrong for each in alone):
        return alone
    names = ", ".join(trial.id for trial in freedoms)
    wrong = [f"together, {names}: {line}" for line in outcome.wrong]
    return [replace(outcome, wrong=wrong), *alone[1:]]


def _meet(one: Freedom, other: Freedom, lesson: Lesson) -> bool:
    """Return whether two freedoms change the same section, file or name: one would undo the other."""

    def touched(freedom: Freedom) -> set[str]:
        paths = [lesson.sections[name].path for name in freedom.sections]
        inside = {path.relative_to(lesson.folder).as_posix() for path in paths}
        return inside | {*freedom.files} | {*freedom.added}

    return bool(
        {*one.sections} & {*other.sections}
        or touched(one) & {*other.files}
        or touched(other) & {*one.files}
        or _names_changed(one) & _names_changed(other)
    )


def _names_changed(freedom: Freedom) -> set[tuple[str, str]]:
    """Return the functions, methods and variables that a freedom adds, each with its file's path."""
    return {
        (path, name)
        for path, text in freedom.added.items()
        for name in _bound(ast.parse(text).body)
    }


def _bound(statements: Iterable[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        match statement:
            case ast.ClassDef(body=inside):
                yield from _bound(inside)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
                yield ast.unparse(target).partition("[")[0]
