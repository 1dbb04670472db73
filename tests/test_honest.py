"""Honest submissions, graded as a class is: full marks for what is right, else the exact score.

A partial one has the points of the tasks that it solves, and of those checks beyond which the starter's
code keeps as well: `honest.toml` names them, by lesson and by what is solved last.
"""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from channels_workshop.authoring.trials import Trial, trials_of, write_trial
from channels_workshop.course.lesson import Lesson
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.marking import mark_order
from channels_workshop.grading.order import order_for
from channels_workshop.grading.submission import Submission
from channels_workshop.judging.judge import Judge
from channels_workshop.processes.sandbox import why_not_strong

pytestmark = [
    pytest.mark.on_demand,
    pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed"),
]

SEED = 7
LONGEST = 600
#: By lesson, and by the task that is solved last: checks of later tasks that pass all the same.
KEPT_ALL_THE_SAME = msgspec.toml.decode(
    Path(__file__).with_name("honest.toml").read_bytes(), type=dict[str, dict[str, list[str]]]
)


@pytest.fixture(scope="module")
def judge():
    with Judge("strong") as judge:
        yield judge


@cache
def trial(lesson: Lesson, name: str) -> Trial:
    return next(trial for trial in trials_of(lesson) if str(trial) == name)


def graded(trial: Trial, folder: Path, judge: Judge) -> Graded:
    """Hand in what a learner hands in of the trial's project."""
    project = folder / trial.lesson.name
    write_trial(trial, project)
    files = {
        str(path): (project / path).read_bytes()
        for path in files_below(project)
        if trial.lesson.is_submitted(path)
    }
    submission = Submission("anna", trial.lesson.name, "anna", files)
    return mark_order(order_for(submission, trial.lesson, SEED, "strong", LONGEST), judge)


RIGHT = [
    pytest.param(lesson, name, id=f"{lesson.name}-{name}")
    for lesson in all_lessons()
    for name in ["reference", *(f"accepted[{accepted}]" for accepted in lesson.accepted)]
]


@pytest.mark.parametrize(("lesson", "name"), RIGHT)
def test_a_right_one_has_full_marks(lesson, name, tmp_path, judge):
    came = graded(trial(lesson, name), tmp_path, judge)
    assert came.status == "pass"
    assert came.score == came.max_score


@pytest.mark.parametrize(
    ("number", "solved_last"),
    [(number, task) for number, partial in KEPT_ALL_THE_SAME.items() for task in partial],
)
def test_a_partial_one_has_its_exact_score(number, solved_last, tmp_path, judge):
    lesson = find_lesson(number)
    tasks = [task.id for task in lesson.tasks]
    solved = tasks[: tasks.index(solved_last) + 1]
    kept = KEPT_ALL_THE_SAME[number][solved_last]
    points = [c.points for c in lesson.checks if c.task in solved or c.id in kept]
    came = graded(trial(lesson, f"step[{solved_last}]"), tmp_path, judge)
    assert came.status == "fail"
    assert came.score == sum(points)
