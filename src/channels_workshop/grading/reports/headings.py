"""The words that stand on every report: headings, and the names of what can come of a check."""

from ...language import Language, Message, message
from ..graded import Level

_STUDENT: dict[str, Message] = {
    "checks_failed": message("What does not pass"),
    "checks_passed": message("What passes"),
    "does_not_start": message("The project does not start"),
    "expected": message("expected"),
    "actual": message("actual"),
    "given": message("input"),
    "step_by_step": message("Step by step"),
    "log": message("The server’s log"),
    "place": message("your line"),
    "hint": message("Hint"),
    "handed_in": message("What was handed in"),
    "taken": message("Judged"),
    "ignored": message("Ignored"),
    "private": message("Private checks"),
    "how": message("How it was judged"),
    "sandbox": message("Sandbox"),
    "seed": message("Seed"),
}
_CLASS: dict[str, Message] = {
    "title": message("Grades"),
    "submissions": message("Submissions"),
    "average": message("Average"),
    "median": message("Median"),
    "marks": message("Marks"),
    "student": message("Student"),
    "status": message("Status"),
    "points": message("Points"),
    "percent": message("%"),
    "grade": message("Grade"),
    "late": message("Days late"),
    "seconds": message("Seconds"),
    "like": message("Behaves like"),
    "heat": message("Checks by student"),
    "legend": message("Legend"),
    "passing": message("Pass it, %"),
    "mistakes": message("Commonest mistakes"),
    "no_mistakes": message("No submission behaves like a named mistake."),
    "how_many": message("How many"),
    "who": message("Who"),
    "time": message("Time used"),
    "time_about": message("Seconds that judging took."),
    "longest": message("Longest"),
    "alike": message("Alike"),
    "alike_about": message(
        "Pairs that are nearly the same once names and layout are set aside. A reason to look, no "
        "verdict."
    ),
    "no_alike": message("No two submissions are nearly the same."),
    "alike_later": message("Submissions are compared once all are judged."),
    "side_by_side": message("The pairs side by side"),
    "alike_hint": message(
        "This is a hint for a person, and never a verdict: two can come to the same by themselves, "
        "or have learned from the same page. Read both, and ask."
    ),
    "alike_how": message(
        "Only what the students have written in Python is compared. Names, texts, comments and "
        "layout are set aside, so are the given files, the reference with its solution, and what "
        "many of the class have in common; of a few lines nothing is said. The percentage is how "
        "much of the shorter one is in the other. Coloured lines are in both."
    ),
    "one": message("One"),
    "other": message("The other"),
    "likeness": message("Likeness"),
    "private_check": message("private"),
    "why": message("Why"),
}
#: What each level of the sandbox means.
SANDBOXES: dict[Level, Message] = {
    "strong": message(
        "strong: it ran shut off from the network, from other files and from other submissions"
    ),
    "basic": message("basic: it ran with limits, not shut off from the machine"),
}
#: What can come of a submission.
STATUSES: dict[str, Message] = {
    "pass": message("passes everything"),
    "fail": message("fails something"),
    "broken": message("does not start"),
    "not_graded": message("nothing to judge"),
    "error": message("our fault, not marked"),
}
#: What can come of a check: the sign that stands for it, and its meaning.
OUTCOMES: dict[str, tuple[str, Message]] = {
    "pass": ("✓", message("passes")),
    "fail": ("✗", message("fails")),
    "error": ("!", message("went wrong")),
    "broken": ("○", message("the project does not start")),
    "left_out": ("–", message("left out, others failed first")),
    "not_run": ("?", message("could not be run here")),
    "none": ("", message("was not judged")),
}


def words(language: Language) -> dict[str, str]:
    """Return all headings in `language`, by their names."""
    return {name: one.spoken(language) for name, one in {**_STUDENT, **_CLASS}.items()}
