"""Freedoms: what they add to the reference, and which of them one project takes together."""

from pathlib import Path

import pytest

from channels_workshop.authoring.freedoms import run_together, together
from channels_workshop.authoring.trials import Trial, trials_of, write_trial
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.mistakes import Freedom
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import Message

LESSON = find_lesson("3")
CONSUMERS = "chat/consumers.py"


def adding(text, path=CONSUMERS):
    return Freedom("adds", "It adds to a file", ["Z1"], added={path: text})


def replacing(section):
    return Freedom("replaces", "It replaces a section", ["Z1"], sections={section: ""})


@pytest.fixture
def trials(monkeypatch):
    """Makes trials of freedoms, numbered, in a lesson that has no others."""

    def make(*freedoms):
        named = {str(number): freedom for number, freedom in enumerate(freedoms)}
        monkeypatch.setitem(vars(LESSON), "freedoms", named)
        return [Trial(LESSON, "freedom", name) for name in named]

    return make


def groups(trials):
    return [[trial.id for trial in group] for group in together(trials)]


METHOD = "class ChatConsumer(ChatConsumer):\n    async def %s(self): ...\n"


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (adding(METHOD % "accept"), adding(METHOD % "left"), False),
        (adding(METHOD % "accept"), adding(METHOD % "accept"), True),
        (adding("CODE = 1"), adding("CODE = 2"), True),
        (adding("CODES = []"), adding("CODES[0] = 2"), True),
        (adding("CODE = 1"), adding("CODE = 2", "chat/rooms.py"), False),
        # What a function calls something is its own affair.
        (adding("def one():\n    code = 1"), adding("def two():\n    code = 2"), False),
        (adding("CODE = 1"), Freedom("f", "", [], files={CONSUMERS: ""}), True),
        (adding("CODE = 1"), replacing("connect"), False),
        (replacing("connect"), Freedom("f", "", [], files={CONSUMERS: ""}), True),
        (replacing("connect"), replacing("connect"), True),
        (replacing("connect"), replacing("receive"), False),
    ],
)
def test_one_project_takes_those_that_do_not_undo_each_other(trials, one, other, meet):
    assert groups(trials(one, other)) == ([["0"], ["1"]] if meet else [["0", "1"]])


def test_another_seed_puts_others_together(trials):
    freedoms = trials(*(adding(f"CODE_{number % 3} = 1") for number in range(9)))
    as_written = groups(freedoms)
    assert as_written == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]
    seen = set()
    for seed in range(5):
        grouped = [[trial.id for trial in group] for group in together(freedoms, seed)]
        assert grouped == [[trial.id for trial in group] for group in together(freedoms, seed)]
        assert sorted(name for group in grouped for name in group) == [
            trial.id for trial in freedoms
        ]
        seen.add(str(grouped))
    assert len(seen) > 1


def test_what_several_add_to_a_file_stands_at_its_end_in_their_order(trials, tmp_path):
    one, *others = trials(adding("ONE = 1\n"), adding("TWO = 2\n"))
    write_trial(one, tmp_path / "project", others)
    written = (tmp_path / "project" / CONSUMERS).read_text(encoding="utf-8")
    reference = (LESSON.folder / CONSUMERS).read_text(encoding="utf-8")
    assert written == f"{reference}\n\nONE = 1\n\n\nTWO = 2\n"


class Judge:
    """Fails a project whose consumers hold all of some texts."""

    def __init__(self, *refused):
        self._refused = refused

    def verdict(self, job):
        written = (Path(job.target) / CONSUMERS).read_text(encoding="utf-8")
        status = "fail" if all(text in written for text in self._refused) else "pass"
        check = LESSON.checks[0]
        result = Result(check.id, check.task, status, 0, message=Message("no"))
        return Verdict(LESSON.name, job.target, [result])


def test_one_that_fails_among_others_is_found_by_itself(trials):
    group = trials(adding("ONE = 1\n"), adding("TWO = 2\n"), adding("WRONG = 3\n"))
    outcomes = run_together(group, Judge("WRONG"))
    assert [outcome.trial for outcome in outcomes] == group
    assert [bool(outcome.wrong) for outcome in outcomes] == [False, False, True]


def test_some_that_fail_only_together_are_told(trials):
    group = trials(adding("ONE = 1\n"), adding("TWO = 2\n"), adding("THREE = 3\n"))
    outcomes = run_together(group, Judge("ONE", "TWO"))
    assert [outcome.trial for outcome in outcomes] == group
    assert [bool(outcome.wrong) for outcome in outcomes] == [True, False, False]
    assert outcomes[0].wrong[0].startswith("together, 0, 1, 2: ")


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_what_freedoms_add_together_is_python(lesson, tmp_path):
    for number, (first, *others) in enumerate(
        together(trial for trial in trials_of(lesson) if trial.kind == "freedom")
    ):
        target = tmp_path / str(number)
        write_trial(first, target, others)
        for path in target.rglob("*.py"):
            compile(path.read_text(encoding="utf-8"), path, "exec")
