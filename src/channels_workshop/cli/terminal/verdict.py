"""A verdict in the terminal: every check by task, the first failure in full, what comes next."""

from rich.text import Text

from ...course.lesson import Lesson
from ...course.lessons import all_lessons
from ...invocation import command
from ...judging.verdict import Result, Status, Verdict
from ...language import _, current, plural
from ...learner.attempt import Attempt, Judged
from ...learner.workspace import Workspace
from .console import console, say, say_command
from .failure import show_broken, show_failure
from .learner import near
from .markup import show_markdown

MARKS: dict[Status, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "error": ("!", "red"),
    "not_run": ("–", "yellow"),
}
#: Of a check whose task is still to be written.
_AHEAD = ("○", "dim")


def show_verdict(judged: Judged, *, verbose: bool = False) -> None:
    """Print a verdict: a line for each check, the first failure (if verbose each), the score."""
    lesson, verdict = judged.lesson, judged.verdict
    if verdict.broken is not None:
        show_broken(lesson, verdict.broken, judged.folder, verbose)
        return
    show_checks(judged)
    show_failures(judged, verbose=verbose)
    console.print()
    show_score(verdict)
    if judged.failures:
        say(_("The same run again: --seed {seed}", seed=verdict.seed), "dim")


def show_checks(judged: Judged) -> None:
    """Print a line for each check, by task. Why some were not run is said once."""
    reasons: set[str] = set()
    for task in judged.lesson.tasks:
        results = judged.verdict.of_task(task.id)
        if results:
            console.print()
            say(task.title.spoken(current()), "bold")
        for result in results:
            reason = _why_not_run(judged, result)
            _show_result(judged, result, "" if reason in reasons else reason)
            reasons.add(reason)


def mark_of(judged: Judged, result: Result) -> tuple[str, str]:
    """Return the sign of a result, and its style."""
    return _AHEAD if judged.is_ahead(result) else MARKS[result.status]


def _why_not_run(judged: Judged, result: Result) -> str:
    if result.status != "not_run" or judged.is_ahead(result):
        return ""
    return str(result.message or "")


def _show_result(judged: Judged, result: Result, reason: str) -> None:
    mark, style = mark_of(judged, result)
    line = Text(f"{mark} ", style=style)
    line.append(judged.lesson.check(result.id).title.spoken(current()), style="default")
    if reason:
        line.append(f"  {reason}", style="dim")
    say(line, indent=2, hang=2)


def show_failures(judged: Judged, *, verbose: bool = False) -> None:
    """Print the first failure and how many more there are; if verbose, all of them."""
    failures = judged.failures
    for result in failures if verbose else failures[:1]:
        console.print()
        show_failure(judged.lesson, result, judged.folder, verbose)
    more = len(failures) - 1
    if more > 0 and not verbose:
        line = plural(
            "{count} more check fails: --verbose shows why.",
            "{count} more checks fail: --verbose shows why.",
            more,
        )
        console.print()
        say(line, "dim", indent=2)


def show_score(verdict: Verdict) -> None:
    """Print the points, how many checks passed, and the seconds it took."""
    passed = sum(result.status == "pass" for result in verdict.checks)
    style = "bold green" if verdict.status == "pass" else "bold"
    score = _("{score} of {most} points", score=verdict.score, most=verdict.max_score)
    done = plural("{count} check passed", "{count} checks passed", passed)
    say(f"{score}  ·  {done}  ·  {verdict.duration:.1f} s", style)
    if verdict.status == "pass":
        say(_("Every check passes. Well done!"), "green")


def show_end(attempt: Attempt, judged: Judged) -> None:
    """Print what a learner's own work has come to, and what to do next."""
    for task in judged.newly_done:
        line = _("✓ Task done: {task}", task=task.title.spoken(current()))
        say(line, "bold green", hang=2)
    if attempt.is_own:
        show_what_next(judged)
        _show_edited_reference(attempt)


def _show_edited_reference(attempt: Attempt) -> None:
    """Say where the learner's files are, to somebody who seems to edit those of the reference."""
    edited = Workspace().edited_reference(attempt.lesson)
    if not edited:
        return
    console.print()
    line = _(
        "{path} belongs to the reference, which is not checked. Yours is {yours}.",
        path=near(attempt.lesson.folder / edited[0]),
        yours=near(attempt.folder / edited[0]),
    )
    say(line, "yellow")


def show_what_next(judged: Judged, address: str = "") -> None:
    """Print the task to write next, or where to go from a lesson that is done.

    Nothing where something is to be fixed first. `address` is where the project runs already.
    """
    if task := judged.next_task:
        console.print()
        say(_("Next: {task}", task=task.title.spoken(current())), "bold")
        show_markdown(task.goal.spoken(current()), indent=2)
        for place in judged.places_of(task):
            say(f"{place.path}:{place.line}", "cyan", indent=2)
    elif judged.verdict.status == "pass":
        _show_where_to_go(judged.lesson, address)


def _show_where_to_go(lesson: Lesson, address: str) -> None:
    number = f"{lesson.number:02}"
    live = _("See it live, in two browser windows: {command}")
    steps = [
        *([] if address else [(live, f"run {number} --mine")]),
        (_("Compare your work with the reference: {command}"), f"diff {number}"),
        (_("Read the reference’s solution: {command}"), f"solution {number}"),
    ]
    following = next((other for other in all_lessons() if other.number > lesson.number), None)
    if following is not None:
        title = following.about.title.spoken(current())
        text = _("The next lesson, “{title}”: {command}", title=title, command="{command}")
        steps.append((text, f"start {following.number:02}"))
    console.print()
    if address:
        say_command(live.replace("{command}", address), address)
    for text, words in steps:
        typed = command(words)
        say_command(text.replace("{command}", typed), typed)
    if following is None:
        say(_("That was the last lesson: you have finished the course."), "bold green")
