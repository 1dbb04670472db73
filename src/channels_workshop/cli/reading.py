"""Verbs that only show: `list` the lessons, `hint` at a task, its `solution`."""

import json

import click

from ..language import _
from .arguments import LESSON


@click.command("list", help=_("The lessons, and how far you are."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
def list_(as_json):
    from ..course.catalogue import all_lessons
    from ..learner.overview import standings
    from ..learner.progress import Progress
    from ..learner.workspace import Workspace
    from .learner_output import show_standings

    found = standings(all_lessons(), Workspace(), Progress())
    if as_json:
        document = {"version": 1, "lessons": [standing.to_json() for standing in found]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_standings(found)


@click.command("hint", help=_("A hint for the task you are at; each time it says a little more."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.argument("task", metavar="[TASK]", required=False)
def hint_(lesson, task):
    from ..learner.hints import next_hint
    from ..learner.progress import Progress
    from .learner_output import show_hint

    show_hint(lesson, next_hint(lesson, task, Progress()))


@click.command("solution", help=_("How the reference solves a task. Your files are not touched."))
@click.argument("lesson", metavar="NN", type=LESSON)
@click.argument("task", metavar="[TASK]", required=False)
def solution_(lesson, task):
    from ..learner.answers import solution
    from ..learner.progress import Progress
    from .learner_output import show_answers

    show_answers(lesson, solution(lesson, task, Progress()))
