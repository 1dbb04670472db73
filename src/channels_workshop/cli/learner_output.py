"""How the learner's room looks: where you stand, your folder, hints and answers."""

import os
import textwrap
from pathlib import Path

from rich.text import Text

from ..course.lesson import Lesson, Task
from ..language import _, current, plural
from ..learner.answers import Answer
from ..learner.hints import Rung
from ..learner.overview import Standing
from ..learner.workspace import Place, Workspace
from .output import console


def show_standings(standings: list[Standing]) -> None:
    """Print the lessons as a table; as plain columns where nobody looks."""
    headings = ["", _("Lesson"), _("Minutes"), _("Tasks"), _("Your work")]
    rows = [_row(standing) for standing in standings]
    if not console.is_terminal:
        _print_columns([headings, *rows])
        return
    from rich import box
    from rich.table import Table

    table = Table(*headings, box=box.SIMPLE, header_style="dim", pad_edge=False)
    table.columns[2].justify = "right"
    for standing, row in zip(standings, rows, strict=True):
        style = "green" if standing.state.passed else "bold" if standing.is_current else ""
        table.add_row(*map(Text, row), style=style)
    console.print(table, soft_wrap=False)


def _row(standing: Standing) -> list[str]:
    lesson = standing.lesson
    return [
        "▸" if standing.is_current else " ",
        f"{lesson.number:02}  {lesson.about.title.spoken(current())}",
        str(lesson.about.minutes),
        "".join("●" if standing.passed(task) else "○" for task in lesson.tasks),
        _near(standing.folder) if standing.folder else _("not started"),
    ]


def _print_columns(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print(Text(line.rstrip()))


def show_started(
    workspace: Workspace, lesson: Lesson, at: str | None = None, was_there: bool = False
) -> None:
    """Print where the learner's folder is, the tasks from `at` on, and what to do with it."""
    folder = _near(workspace.folder(lesson))
    number = f"{lesson.number:02}"
    if was_there:
        line = _("{folder} is there already, with your work. Nothing was changed.", folder=folder)
        console.print(Text(line, style="bold"))
    else:
        line = _("{folder} is ready: a project that runs, with your tasks in it.", folder=folder)
        console.print(Text(line, style="bold green"))
    first = lesson.tasks.index(lesson.task(at)) if at else 0
    _show_tasks(lesson.tasks[first:], workspace.places(lesson))
    console.print()
    console.print(Text(_("Check on every save: python workshop.py check {n} --watch", n=number)))
    console.print(Text(_("When stuck: python workshop.py hint {n}", n=number)))
    if was_there:
        console.print(Text(_("To begin anew: python workshop.py reset {n}", n=number)))


def _show_tasks(tasks: list[Task], places: list[Place]) -> None:
    for task in tasks:
        console.print()
        minutes = plural("{count} minute", "{count} minutes", task.minutes)
        heading = Text(task.title.spoken(current()), style="bold")
        console.print(heading.append(f"  {minutes}", style="not bold dim"))
        goal = task.goal.spoken(current())
        _print_markdown(goal, indent=2)
        for place in places:
            if place.task is task:
                console.print(Text(f"  {place.path}:{place.line}", style="cyan"))


def show_backup(backup: Path | None) -> None:
    """Print where `reset` has put the learner's work."""
    if backup is None:
        console.print(Text(_("There was no work to put aside.")))
    else:
        console.print(Text(_("Your work so far is now in {folder}", folder=_near(backup))))


def show_difference(difference: str) -> None:
    """Print a unified diff; in colour on a terminal, as it is anywhere else."""
    if not difference:
        console.print(Text(_("Your files and those of the reference are the same.")))
        return
    if console.is_terminal:  # anywhere else, nothing but the diff
        console.print(Text(_("− yours, + the reference"), style="dim"))
    _print_code(difference, "diff")


def show_hint(lesson: Lesson, rung: Rung | None) -> None:
    """Print one rung of a ladder, and what comes after it."""
    number = f"{lesson.number:02}"
    if rung is None:
        line = _(
            "Every task of this lesson passes. To see a task's hints all the same, name it: "
            "python workshop.py hint {n} TASK",
            n=number,
        )
        console.print(Text(line))
        return
    title = rung.task.title.spoken(current())
    if rung.is_repetition:
        heading = _("{task}: all the hints again", task=title)
    else:
        heading = _("{task}: hint {k} of {most}", task=title, k=rung.number, most=rung.most)
    console.print(Text(heading, style="bold"))
    for text in rung.texts:
        console.print()
        _print_markdown(text)
    console.print()
    if rung.is_last:
        after = _(
            "There are no more hints. The answer: python workshop.py solution {n} {task}",
            n=number,
            task=rung.task.id,
        )
    else:
        after = _(
            "Still stuck? The next hint says more: python workshop.py hint {n} {task}",
            n=number,
            task=rung.task.id,
        )
    console.print(Text(after, style="dim"))


def show_answers(lesson: Lesson, answers: list[Answer]) -> None:
    """Print the reference's sections of each task, as code."""
    for answer in answers:
        console.print(Text(answer.task.title.spoken(current()), style="bold"))
        if answer.hints_left and not answer.is_passed:
            left = plural(
                "({count} hint before this was not read: python workshop.py hint {n} {task})",
                "({count} hints before this were not read: python workshop.py hint {n} {task})",
                answer.hints_left,
                n=f"{lesson.number:02}",
                task=answer.task.id,
            )
            console.print(Text(left, style="dim"))
        for section in answer.sections:
            console.print()
            path = section.path.relative_to(lesson.folder).as_posix()
            console.print(Text(f"# {path}", style="cyan"))
            _print_code(section.text, section.path.suffix.removeprefix("."))
        console.print()


def _print_markdown(text: str, indent: int = 0) -> None:
    """Print what is said in `lesson.toml`: code in backticks, fragments indented."""
    if not console.is_terminal:
        console.print(Text(textwrap.indent(text, " " * indent)))
        return
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.theme import Theme

    # rich's own style lays code on black, which only a black terminal bears.
    with console.use_theme(Theme({"markdown.code": "cyan"})):
        markdown = Markdown(text, code_theme="ansi_dark")
        console.print(Padding(markdown, (0, 0, 0, indent)), soft_wrap=False)


def _print_code(text: str, language: str) -> None:
    if not console.is_terminal:
        console.print(Text(text.rstrip("\n")))
        return
    from rich.syntax import Syntax

    code = Syntax(text.rstrip("\n"), language, theme="ansi_dark", background_color="default")
    console.print(code)


def _near(path: Path) -> str:
    """Return `path` as short as it can be named from where the person is."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return os.fspath(path)
