"""What a learner reads in the terminal: how far they are, their folder, hints and solutions."""

import os
from pathlib import Path

from rich.text import Text

from ...course.lesson import Lesson, Task
from ...course.places import Place
from ...invocation import command
from ...language import _, current, plural
from ...learner.hints import Hint
from ...learner.overview import Standing
from ...learner.solutions import Solution
from ...learner.workspace import Workspace
from .console import console, say, say_command
from .markup import show_code, show_markdown


def show_standings(standings: list[Standing]) -> None:
    """Print the lessons as a table; as plain columns where there is no terminal."""
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
        dots(lesson, standing.passed_tasks),
        near(standing.folder) if standing.folder else _("not started"),
    ]


def dots(lesson: Lesson, passed: list[Task]) -> str:
    """Return a dot for each task, full where it has passed."""
    return "".join("●" if task in passed else "○" for task in lesson.tasks)


def _print_columns(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print(Text(line.rstrip()))


def show_started(
    workspace: Workspace, lesson: Lesson, at: str | None = None, was_there: bool = False
) -> None:
    """Print where the learner's folder is, the tasks from `at` on, and what to do with it."""
    folder = near(workspace.folder(lesson))
    number = f"{lesson.number:02}"
    if was_there:
        line = _("{folder} is there already, with your work. Nothing was changed.", folder=folder)
        say(line, "bold")
        say(_("You are at lesson {n} now.", n=number))
    else:
        line = _("{folder} is ready: a project that runs, with your tasks in it.", folder=folder)
        say(line, "bold green")
    first = lesson.tasks.index(lesson.task(at)) if at else 0
    _show_tasks(lesson.tasks[first:], workspace.places(lesson))
    console.print()
    steps = [
        (_("Check on every save: {command}"), f"check {number} --watch"),
        (_("When stuck: {command}"), f"hint {number}"),
    ]
    if was_there:
        steps.append((_("To start over: {command}"), f"reset {number}"))
    for text, words in steps:
        typed = command(words)
        say_command(text.replace("{command}", typed), typed)


def _show_tasks(tasks: list[Task], places: list[Place]) -> None:
    for task in tasks:
        console.print()
        minutes = plural("{count} minute", "{count} minutes", task.minutes)
        heading = Text(task.title.spoken(current()), style="bold")
        say(heading.append(f"  {minutes}", style="not bold dim"))
        show_markdown(task.goal.spoken(current()), indent=2)
        for place in places:
            if place.task is task:
                say(f"{place.path}:{place.line}", "cyan", indent=2)


def show_backup(backup: Path | None) -> None:
    """Print where `reset` has moved the learner's work."""
    if backup is None:
        say(_("There was no work to move aside."))
    else:
        say(_("Your work so far is now in {folder}", folder=near(backup)))


def show_difference(difference: str) -> None:
    """Print a unified diff; in colour on a terminal, as it is anywhere else."""
    if not difference:
        say(_("Your files and those of the reference are the same."))
        return
    if console.is_terminal:  # anywhere else, nothing but the diff
        say(_("− yours, + the reference"), "dim")
    show_code(difference, "diff")


def show_hint(lesson: Lesson, hint: Hint | None) -> None:
    """Print one hint, and what comes after it."""
    number = f"{lesson.number:02}"
    if hint is None:
        say(_("Every task of this lesson passes."))
        typed = command(f"hint {number} {_('TASK')}")
        say_command(
            _("To see a task’s hints all the same, name it: {command}", command=typed), typed
        )
        return
    title = hint.task.title.spoken(current())
    if hint.is_repetition:
        heading = _("{task}: all the hints again", task=title)
    else:
        heading = _("{task}: hint {k} of {most}", task=title, k=hint.number, most=hint.most)
    say(heading, "bold")
    for text in hint.texts:
        console.print()
        show_markdown(text)
    console.print()
    if hint.is_last:
        typed = command(f"solution {number} {hint.task.id}")
        after = _("There are no more hints. The solution: {command}", command=typed)
    else:
        typed = command(f"hint {number} {hint.task.id}")
        after = _("Still stuck? The next hint says more: {command}", command=typed)
    say_command(after, typed, "dim")


def show_solutions(lesson: Lesson, solutions: list[Solution]) -> None:
    """Print the reference's sections of each task, as code."""
    for solution in solutions:
        say(solution.task.title.spoken(current()), "bold")
        if solution.hints_left and not solution.is_passed:
            typed = command(f"hint {lesson.number:02} {solution.task.id}")
            left = plural(
                "There is {count} hint that you have not read: {command}",
                "There are {count} hints that you have not read: {command}",
                solution.hints_left,
                command=typed,
            )
            say_command(left, typed, "dim")
        for section in solution.sections:
            console.print()
            path = section.path.relative_to(lesson.folder).as_posix()
            say(f"# {path}", "cyan")
            show_code(section.text, section.path.suffix.removeprefix("."))
        console.print()


def near(path: Path) -> str:
    """Return `path` as short as it can be named from where the person is."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return os.fspath(path)
