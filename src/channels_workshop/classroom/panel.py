"""The panel's regions: pieces of the page that are sent anew when they change."""

import re
from pathlib import Path
from typing import Any

import markdown
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from .. import REPOSITORY
from ..checking.telling import Failure
from ..course.lesson import Task
from ..language import Language
from .board import Board
from .classroom import Classroom
from .words import spoken

#: The pieces, each with a template `live/<name>.html` and a place in `live/page.html`.
REGIONS = ["lesson", "status", "links", "tasks", "failure", "hints", "checks", "printed"]

#: A line of a story, as checking.timeline writes it: who, what sort of thing, what.
_MOMENT = re.compile(r"(?P<who>\S.*?) {2,}(?P<arrow>\S)(?: (?P<what>.*))?$")


def regions(classroom: Classroom, language: Language) -> dict[str, str]:
    """Return the HTML of each region, in `language`, as the board stands now."""
    context = _context(classroom, language)
    return {name: render_to_string(f"live/{name}.html", context).strip() for name in REGIONS}


def _context(classroom: Classroom, language: Language) -> dict[str, Any]:
    board, words = classroom.desk.board, spoken(language)
    lesson = board.lesson
    done = sum(map(board.passed, lesson.tasks))
    most = board.verdict.max_score if board.verdict else sum(c.points for c in lesson.checks)
    return {
        "words": words,
        "board": board,
        "language": language,
        "number": f"{lesson.number:02}",
        "title": lesson.about.title.spoken(language),
        "summary": lesson.about.summary.spoken(language),
        "minutes": words["minutes"].format(n=lesson.about.minutes),
        "state": _state(board),
        "underway": words["underway"].format(done=done, all=len(lesson.tasks)),
        "points": words["points"].format(
            score=board.verdict.score if board.verdict else 0, most=most
        ),
        "checking": words["checking"].format(done=len(board.so_far or ()), all=len(lesson.checks)),
        "checked_at": board.at and words["checked_at"].format(time=f"{board.at:%H:%M:%S}"),
        "tasks": [_task(board, task, language, words) for task in lesson.tasks],
        "following": _following(classroom, language, words),
        "failure": _failure(board, language),
        "broken": _without_carets(board.traceback),
        "hints": _hints(board, language, words),
        "address": board.address.removeprefix("http://").rstrip("/"),
        "lesson_page": _lesson_page(classroom, language),
        "folder": _near(board.folder) if board.folder else "",
    }


def _state(board: Board) -> str:
    """Return the one word that the whole page is about."""
    if board.folder is None:
        return "not_started"
    if board.trouble:
        return "trouble"
    if not board.starts:
        return "broken"
    if board.verdict is None:
        return "looking"
    return "passed" if board.verdict.status == "pass" else "underway"


def _task(board: Board, task: Task, language: Language, words: dict[str, str]) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title.spoken(language),
        "goal": _html(task.goal.spoken(language)),
        "places": [f"{place.path}:{place.line}" for place in board.places if place.task == task],
        "minutes": words["minutes"].format(n=task.minutes),
        "done": board.passed(task),
        "current": board.folder is not None and task is board.current_task,
        "ticks": _ticks(board, task),
        "checks": [
            {
                "title": _inline(check.title.spoken(language)),
                "status": status,
                "says": words.get(f"status_{status}", ""),
            }
            for check in board.lesson.checks_of(task)
            for status in [_latest(board).get(check.id, "")]
        ],
    }


def _ticks(board: Board, task: Task) -> list[str]:
    """Return a status for each check of `task` that can be run here."""
    latest = _latest(board)
    found = [latest.get(check.id, "") for check in board.lesson.checks_of(task)]
    # What nobody has begun yet is not to look like so many mistakes.
    shown = ("pass", "fail", "error") if task in board.begun_tasks else ("pass",)
    return [status if status in shown else "" for status in found if status != "not_run"]


def _latest(board: Board) -> dict[str, str]:
    """Return what is known of each check: what the running check has found so far comes first."""
    return {**board.state.checks, **{result.id: result.status for result in board.so_far or ()}}


def _following(
    classroom: Classroom, language: Language, words: dict[str, str]
) -> dict[str, str] | None:
    here = classroom.desk.board.lesson
    for lesson in classroom.desk.lessons:
        if lesson.number > here.number:
            title = lesson.about.title.spoken(language)
            label = words["next_lesson"].format(number=f"{lesson.number:02}", title=title)
            return {"name": lesson.name, "label": label}
    return None


def _failure(board: Board, language: Language) -> dict[str, Any] | None:
    if not board.starts or board.folder is None or board.first_failure is None:
        return None
    result, told = board.first_failure
    check = board.lesson.check(result.id)
    return {
        "title": _inline(check.title.spoken(language)),
        "agreement": _inline(check.agreement.spoken(language)),
        "told": told,
        "story": _story(told),
        "traceback": _without_carets(told.traceback if told else ""),
        "message": "" if told else result.message or result.id,
    }


def _story(told: Failure | None) -> list[dict[str, str | None]]:
    moments = [_MOMENT.match(line) for line in (told.story if told else [])]
    return [moment.groupdict() for moment in moments if moment]


def _without_carets(traceback: str) -> str:
    """Return `traceback` so that its lines may be broken: carets would point at nothing then."""
    return "\n".join(line for line in traceback.splitlines() if line.strip(" ~^") or not line)


def _hints(board: Board, language: Language, words: dict[str, str]) -> dict[str, Any] | None:
    task = board.current_task
    if board.folder is None or task is None:
        return None
    shown = board.state.hints.get(task.id, 0)
    return {
        "task": task.id,
        "title": words["hints_for"].format(task=task.title.spoken(language)),
        "texts": [_html(hint.spoken(language)) for hint in task.hints[:shown]],
        "left": len(task.hints) - shown,
        "most": len(task.hints),
    }


def _html(text: str) -> str:
    # From lesson.toml, so ours: nothing of a learner's or a server's comes this way.
    return mark_safe(markdown.markdown(text))


def _inline(text: str) -> str:
    return mark_safe(markdown.markdown(text).removeprefix("<p>").removesuffix("</p>"))


def _lesson_page(classroom: Classroom, language: Language) -> str:
    """Return the path of the lesson's page, empty where there is none."""
    path = f"{language}/lessons/{classroom.desk.board.lesson.name}/"
    pages = classroom.pages
    if not pages.are_settled:  # in its place stands that it is being built
        return f"/{path}"
    return f"/{path}" if pages.folder is not None and (pages.folder / path).is_dir() else ""


def _near(path: Path) -> str:
    """Return `path` from the checkout on, where it lies in it."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)
