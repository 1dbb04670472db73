"""How `check --watch` looks: one screen on a terminal, lines that follow each other elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from rich.text import Text

from ...judging.events import Event
from ...language import Message, _, current, plural
from ...learner.attempt import Attempt, Judged
from ...learner.hints import hints_left, next_hint
from ...learner.progress import Progress
from ...learner.solutions import solution
from .checking import StatusLine, show_printed
from .console import console, say
from .failure import show_failure
from .learner import dots, near, show_hint, show_solutions
from .verdict import mark_of, show_checks, show_end, show_failures, show_score, show_verdict


class Screen:
    """Shows the person what happens. `has_keys` where they can press some."""

    def __init__(self, verbose: bool = False) -> None:
        self.has_keys = False
        self._verbose = verbose
        self._printed: list[str] = []

    def opened(self, attempt: Attempt) -> None:
        """Watching begins."""

    def checking(self, changed: Sequence[PurePosixPath]) -> None:
        """A check begins, since these files were saved; none at first, or if asked for."""

    def heard(self, event: Event) -> None:
        """The check goes on."""

    def printed(self, lines: list[str]) -> None:
        """The project that is being checked has printed something."""
        self._printed += lines

    def judged(self, attempt: Attempt, judged: Judged) -> None:
        """The check has ended in a verdict."""

    def not_judged(self, message: Message, fix: Message) -> None:
        """There is no verdict, and this is why."""
        say(str(message), "bold red")
        say(str(fix))

    def pressed(self, key: str) -> None:
        """The person has pressed a key."""

    def close(self) -> None:
        """Watching has ended."""

    def _show_printed(self) -> None:
        show_printed(self._printed)
        self._printed = []


class PlainScreen(Screen):
    """Each verdict below the one before, as a log."""

    def opened(self, attempt: Attempt) -> None:
        say(_("Watching {folder}. Save to check, Ctrl-C to end.", folder=attempt.folder))

    def checking(self, changed: Sequence[PurePosixPath]) -> None:
        if changed:
            console.print()
            say(f"── {_time()}  {_named(changed)}")

    def judged(self, attempt: Attempt, judged: Judged) -> None:
        self._show_printed()
        show_verdict(judged, verbose=self._verbose)
        show_end(attempt, judged)

    def close(self) -> None:
        console.print()


class TerminalScreen(Screen):
    """One verdict at a time, below a headline that stays; keys ask for more."""

    def __init__(self, verbose: bool = False) -> None:
        super().__init__(verbose)
        self._status = StatusLine()
        self._attempt: Attempt | None = None
        self._judged: Judged | None = None
        self._saved = ""
        self._at = ""
        self._failure_shown = 0
        self._spoils = False  # the solution is shown if it is asked for once more

    def opened(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def checking(self, changed: Sequence[PurePosixPath]) -> None:
        self._saved = _named(changed)
        if self._judged is None:
            self._show_headline()
        self._status.start()

    def heard(self, event: Event) -> None:
        self._status.hear(event)

    def judged(self, attempt: Attempt, judged: Judged) -> None:
        self._status.stop()
        self._judged = judged
        self._at = _time()
        self._failure_shown = 0
        self._show_headline()
        self._show_printed()
        if judged.verdict.broken is not None:
            show_verdict(judged, verbose=self._verbose)
        else:
            self._show_tasks(judged)
            show_failures(judged, verbose=self._verbose)
        console.print()
        show_end(attempt, judged)
        self._show_keys()

    def not_judged(self, message: Message, fix: Message) -> None:
        self._status.stop()
        self._at = _time()
        self._show_headline()
        super().not_judged(message, fix)
        self._show_keys()

    def pressed(self, key: str) -> None:
        judged, attempt = self._judged, self._attempt
        shows = {
            "n": self._show_next_failure,
            "h": self._show_hint,
            "s": self._show_solution,
            "l": self._show_list,
        }
        if key not in shows or judged is None or attempt is None:
            return
        self._spoils = self._spoils and key == "s"
        self._status.stop()
        self._show_headline()
        shows[key](attempt, judged)
        self._show_keys()

    def close(self) -> None:
        self._status.stop()
        console.print()

    # ---- Parts of the screen.

    def _show_headline(self) -> None:
        console.clear()
        assert self._attempt is not None
        lesson = self._attempt.lesson
        line = Text(f"{lesson.number:02}  {lesson.about.title.spoken(current())}", style="bold")
        if self._attempt.is_own:
            state = Progress().lesson_state(lesson)
            passed = [task for task in lesson.tasks if state.passed_task(lesson, task)]
            line.append(f"  {dots(lesson, passed)}", "green")
        if self._judged is not None and self._judged.verdict.broken is None:
            verdict = self._judged.verdict
            score = _("{score} of {most} points", score=verdict.score, most=verdict.max_score)
            line.append(f"  {score}  {verdict.duration:.1f} s", "not bold")
        say(line, hang=4)
        details = [near(self._attempt.folder), self._at, self._saved]
        say("  ".join(filter(None, details)), "dim", hang=4)
        console.print()

    def _show_tasks(self, judged: Judged) -> None:
        """Print a line for each task, with a mark for each of its checks."""
        lesson = judged.lesson
        titles = [task.title.spoken(current()) for task in lesson.tasks]
        width = max(map(len, titles))
        for task, title in zip(lesson.tasks, titles, strict=True):
            line = Text(f"{title:<{width}}  ")
            for result in judged.verdict.of_task(task.id):
                line.append(*mark_of(judged, result))
            say(line)

    def _show_keys(self) -> None:
        console.print()
        if self.has_keys:
            line = _("n next failure · h hint · s solution · l all checks · r run again · q quit")
        else:
            line = _("Save to check again, Ctrl-C to end.")
        say(line, "dim")

    def _show_next_failure(self, attempt: Attempt, judged: Judged) -> None:
        failures = judged.failures
        if not failures:
            show_verdict(judged, verbose=self._verbose)
            show_end(attempt, judged)
            return
        self._failure_shown = (self._failure_shown + 1) % len(failures)
        place = _("Failure {n} of {most}", n=self._failure_shown + 1, most=len(failures))
        say(place, "dim")
        show_failure(judged.lesson, failures[self._failure_shown], judged.folder, self._verbose)

    def _show_hint(self, attempt: Attempt, judged: Judged) -> None:
        task = judged.task_in_hand
        show_hint(judged.lesson, next_hint(judged.lesson, task.id if task else None, Progress()))

    def _show_solution(self, attempt: Attempt, judged: Judged) -> None:
        lesson, task, progress = judged.lesson, judged.task_in_hand, Progress()
        left = hints_left(lesson, task, progress) if task else 0
        if left and not self._spoils:
            self._spoils = True
            line = plural(
                "There is {count} hint that you have not read: press h. Or s again, to see the "
                "solution all the same.",
                "There are {count} hints that you have not read: press h. Or s again, to see the "
                "solution all the same.",
                left,
            )
            say(line, "yellow")
            return
        self._spoils = False
        show_solutions(lesson, solution(lesson, task.id if task else None, progress))

    def _show_list(self, attempt: Attempt, judged: Judged) -> None:
        if judged.verdict.broken is not None:  # no check was made
            show_verdict(judged, verbose=self._verbose)
            return
        show_checks(judged)
        console.print()
        show_score(judged.verdict)


def _time() -> str:
    return f"{datetime.now():%H:%M:%S}"


def _named(changed: Sequence[PurePosixPath]) -> str:
    return ", ".join(map(str, changed[:3])) + (" …" if len(changed) > 3 else "")
