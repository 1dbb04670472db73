"""The panel's regions: pieces of a page that are sent whenever they have changed.

What there is to say is in the state; the templates put it into words, in the language of the page.
"""

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from .. import REPOSITORY
from ..course.lesson import Check, Lesson, Task
from ..course.pages import explanation, lesson_page
from ..judging.failure import DoesNotRun, Failure
from ..judging.reports import sentences_of
from ..language import Language, Message
from ..learner.missing import missing_module
from .controller import Controller
from .state import State

#: The pieces of the panel, each with a template `live/<name>.html` and a place in `live/page.html`.
_REGIONS = ["title", "lesson", "class", "status", "links"]
_REGIONS += ["tasks", "failure", "hints", "checks", "printed"]
#: Those of a page of the course; that of the lesson at hand has more (`_here`).
_ON_A_PAGE = ["title", "badge"]

#: The heading on a lesson's page that says how to start it.
BEGIN = "begin"

#: How many moments of a story are shown before it is unfolded.
_LAST_MOMENTS = 6


def rendered(template: str, language: Language, **context: object) -> str:
    """Return a template of the panel in `language`."""
    other = "en" if language == "ru" else "ru"
    with translation.override(language):
        return render_to_string(template, {"language": language, "other": other, **context})


def regions(controller: Controller, language: Language, page: str | None = None) -> dict[str, str]:
    """Return the HTML of each region of the panel, as things stand now.

    Where `page` is given, of the page about the lesson of that name, or about none.
    """
    names = _REGIONS if page is None else _ON_A_PAGE
    context = _context(controller, language, page)
    shown = {name: rendered(f"live/{name}.html", language, **context).strip() for name in names}
    return {**shown, **_here(controller, language, context)} if context["here"] else shown


def _here(controller: Controller, language: Language, context: dict[str, Any]) -> dict[str, str]:
    """Return what stands on a lesson's page itself: how to begin, and below each task its state."""
    lesson = context["here"].lesson
    here = dict.fromkeys(places_on_page(lesson), "")
    if lesson is controller.state.lesson:
        for entry in context["tasks"]:
            region = rendered("live/task_here.html", language, **context, entry=entry)
            here[entry["task"].id] = region.strip()
    here[BEGIN] = rendered("live/begin_here.html", language, **context).strip()
    return here


def places_on_page(lesson: Lesson) -> list[str]:
    """Return the ids of the headings on the lesson's page below which there is something to show."""
    return [BEGIN, *(task.id for task in lesson.tasks)]


def lesson_at(controller: Controller, path: str) -> Lesson | None:
    """Return the lesson that the course's page at `path` teaches."""
    about = (n for n in controller.lessons if path.strip("/") == lesson_page(n))
    return next(about, None)


def badge(controller: Controller, language: Language, page: Lesson | None) -> str:
    """Return what is put into a page of the course: the way to the panel, and its news.

    `page` is the lesson that it teaches, if any.
    """
    name = page.name if page else ""
    context = _context(controller, language, name)
    return rendered("live/badge_shell.html", language, page=name, **context)


def _context(controller: Controller, language: Language, page: str | None) -> dict[str, Any]:
    state, lesson = controller.state, controller.state.lesson
    failing = state.first_failure
    failure = failing.failure if failing else None
    wrong = state.does_not_run or failure
    moments = failure.moments if failure else []
    known = lesson.known_error(wrong.known) if wrong and wrong.known else None
    tasks = [_task(state, task) for task in lesson.tasks]
    return {
        "state": state,
        "lesson": lesson,
        "number": f"{lesson.number:02}",
        "status": state.status,
        "mark": _mark(state),
        "done": sum(map(state.passed, lesson.tasks)),
        "max_score": sum(check.points for check in lesson.checks),
        "tasks": tasks,
        "current": next((e for e in tasks if e["is_current"]), None),
        "following": next((n for n in controller.lessons if n.number > lesson.number), None),
        "here": next((s for s in state.course if s.lesson.name == page), None),
        "failing": failing,
        "failing_check": lesson.check(failing.id) if failing else None,
        "failure": failure,
        "sentences": sentences_of(lesson, failure, language) if failure else [],
        "server_said": [t for t in (failure.traceback, failure.warning) if t] if failure else [],
        "earlier": moments[:-_LAST_MOMENTS],
        "moments": moments[-_LAST_MOMENTS:],
        "known_error": known,
        "explanation": _on_site(state, language, explanation(lesson, known, "/")) if known else "",
        "missing_module": _missing_module(state, wrong),
        "address": state.address.removeprefix("http://").rstrip("/"),
        "lesson_page": _on_site(state, language, f"{lesson_page(lesson)}/"),
        "folder": _near(state.folder) if state.folder else "",
        "reference": _near(lesson.folder),
    }


def _mark(state: State) -> str:
    """Return the sign of how things stand: for the tab's title, and the corner of a page."""
    if state.status in ("broken", "problem") or state.first_failure:
        return "✗"
    if state.status == "passed":
        return "✓"
    return "○" if state.verdict else ""


def _task(state: State, task: Task) -> dict[str, Any]:
    checks = [_check(state, task, check) for check in state.lesson.checks_of(task)]
    failing = state.first_failure
    return {
        "task": task,
        "is_done": state.passed(task),
        "is_current": state.folder is not None and task is state.current_task,
        "places": [place for place in state.places if place.task == task],
        "checks": checks,
        "passed": sum(check["status"] == "pass" for check in checks),
        "hints_shown": state.progress.hints.get(task.id, 0),
        "fails_first": bool(failing and failing.task == task.id),
    }


def _check(state: State, task: Task, check: Check) -> dict[str, Any]:
    result = state.latest.get(check.id)
    status = result.status if result else state.progress.checks.get(check.id, "")
    left_out = None
    if result and result.status == "not_run":
        left_out = result.message
    can_be_run = status != "not_run" or bool(result and result.is_left_out)
    # What nobody has begun yet is not to look like so many mistakes.
    if not state.is_begun(task) and can_be_run and status != "pass":
        status, left_out = "ahead", None
    return {"check": check, "status": status, "left_out": left_out, "can_be_run": can_be_run}


def _missing_module(state: State, wrong: DoesNotRun | Failure | None) -> Message | None:
    if state.folder is None or wrong is None or not wrong.traceback:
        return None
    return missing_module(state.lesson, state.folder, wrong.traceback)


def _on_site(state: State, language: Language, page: str) -> str:
    """Return the path of a page of the site, empty where there is none."""
    path = f"{language}/{page}"
    site = state.site
    if not site.is_settled:  # in its place stands that it is being built
        return f"/{path}"
    folder = site.folder and site.folder / path.partition("#")[0]
    return f"/{path}" if folder and folder.is_dir() else ""


def _near(path: Path) -> str:
    """Return `path` from the checkout on, where it lies in it."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)
