"""How `up` looks in the terminal: calm; a line for each save, and what to fix."""

from rich.text import Text

from ...invocation import command
from ...judging.failure import DoesNotRun
from ...language import _, current
from ...live.state import Attendance, Line, State
from ...live.up import Addresses, Terminal
from .console import console, say, say_command, say_line
from .failure import show_broken, show_failure
from .learner import dots, near
from .serving import show_if_elsewhere, show_redis, where
from .verdict import show_what_next


class UpTerminal(Terminal):
    """The terminal in which somebody has typed `up`."""

    def opened(self, addresses: Addresses, state: State) -> None:
        say(_("Django Channels workshop"), "bold")
        for wanted, address in zip(
            addresses.wanted, (addresses.pages, addresses.project), strict=True
        ):
            show_if_elsewhere(wanted, address)
        console.print()
        rows = [
            (_("pages"), addresses.pages),
            (_("live panel"), addresses.panel),
            (_("your project") if state.folder else _("finished project"), addresses.project),
        ]
        width = max(len(name) for name, _address in rows)
        for name, address in rows:
            console.print(Text(f"  {name:<{width}}  ").append(address, style="cyan"))
        console.print()
        lesson, number = state.lesson, f"{state.lesson.number:02}"
        title = lesson.about.title.spoken(current())
        say(_("Lesson {number}: {title}", number=number, title=title))
        if state.folder:
            folder = near(state.folder)
            say(_("Your files in {folder} are watched: each save is checked.", folder=folder))
        else:
            words = command(f"start {number}")
            line = _(
                "You have not started it. Press “Start this lesson” on the live panel, or type in "
                "another terminal: {command}",
                command=words,
            )
            say_command(line, words)
        if state.attendance:
            _show_attendance(state.attendance)
        say(_("Ctrl-C ends everything."), "dim")

    def changed(self, before: State, after: State) -> None:
        if after.redis and after.redis is not before.redis:
            console.print()
            show_redis(after.redis)
        if after.site.problem and after.site is not before.site:
            _show_site_problem(after)
        if (after.lesson, after.folder) != (before.lesson, before.folder):
            console.print()
            say(where(after.lesson, after.address, mine=after.folder is not None))
        if after.reference_saved and after.reference_saved != before.reference_saved:
            _show_reference(after)
        if after.problem and after.problem is not before.problem:
            console.print()
            say(str(after.problem), "yellow")
        if after.broken and after.broken is not before.broken:
            _show_broken(after, after.broken)
        if after.judged and after.judged is not before.judged:
            was_passed = before.lesson is after.lesson and before.status == "passed"
            _show_judged(after, is_news=not was_passed)
        if after.attendance and before.attendance:
            _show_news_of_class(before.attendance, after.attendance)
        last = before.lines[-1].number if before.lines else 0
        _show_lines([line for line in after.lines if line.number > last], last)


def _show_attendance(attendance: Attendance) -> None:
    values = {"address": attendance.address, "name": attendance.name}
    say(_("You are in the class at {address} as “{name}”.", **values))
    say(_("Its instructor sees which checks pass. Your code only while you show it."), "dim")


def _show_news_of_class(before: Attendance, after: Attendance) -> None:
    if after.link != before.link and after.link == "connected":
        say(_("The class hears you, as “{name}”.", name=after.name), "dim")
    if after.link != before.link and after.link == "lost":
        say(_("The class does not answer. Nothing is lost: it is told later."), "dim")
    if after.refusal and before.refusal is None:
        say(str(after.refusal), "yellow")
    if after.asked and not before.asked:
        say(_("The instructor asks: may I help? Answer on the live panel."), "bold")


def _show_site_problem(state: State) -> None:
    say(_("The pages could not be built:"), "yellow")
    say(state.site.problem.rstrip(), "dim", indent=2)
    if state.site.folder:
        say(_("You see the pages as they were built before."))


def _show_reference(state: State) -> None:
    reference = near(state.lesson.folder / state.reference_saved[0])
    console.print()
    if state.folder:
        yours = near(state.folder / state.reference_saved[0])
        line = _(
            "{path} belongs to the reference, which is not checked. Yours is {yours}.",
            path=reference,
            yours=yours,
        )
    else:
        line = _(
            "{path} belongs to the reference, which is not checked. Start the lesson to get a copy "
            "of your own.",
            path=reference,
        )
    say(line, "yellow")


def _saved(state: State) -> Text:
    """Return the beginning of a line: when, and which files."""
    line = Text(f"{state.at:%H:%M:%S}  ", style="dim")
    names = [str(path) for path in state.changed[:3]]
    return line.append(
        ", ".join(names) + (" …" if len(state.changed) > 3 else "") + "  " * bool(names)
    )


def _show_broken(state: State, broken: DoesNotRun) -> None:
    console.print()
    say(_saved(state))
    show_broken(state.lesson, broken, state.folder or state.lesson.folder)


def _show_judged(state: State, is_news: bool) -> None:
    judged = state.judged
    assert judged
    verdict = judged.verdict
    if verdict.broken:
        _show_broken(state, verdict.broken)
        return
    passed = dots(state.lesson, [task for task in state.lesson.tasks if state.passed(task)])
    line = _saved(state)
    line.append(passed, style="not dim green" if verdict.status == "pass" else "not dim")
    score = _("{score} of {most} points", score=verdict.score, most=verdict.max_score)
    line.append(f"  {score}", style="not dim bold").append(f"  {verdict.duration:.1f} s")
    console.print()
    say(line)
    for task in judged.newly_done:
        say(_("✓ Task done: {task}", task=task.title.spoken(current())), "bold green", hang=2)
    if judged.failures:
        show_failure(state.lesson, judged.failures[0], judged.folder)
        return
    if verdict.status == "pass" and is_news:
        say(_("Every check passes. Well done!"), "green")
    if verdict.status != "pass" or is_news:
        show_what_next(judged, state.address)


def _show_lines(lines: list[Line], last: int) -> None:
    """Print what the project has printed since line number `last`."""
    if lines and lines[0].number > last + 1:
        say("  │ …", "dim")
    for line in lines:
        say_line(f"│ {line.text}", "dim", indent=2)
