"""The class as one page: who has what, which checks fail whom, what is got wrong most often."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from ...course.lesson import Lesson
from ...language import Language, message
from ..figures import figure
from ..graded import Graded
from ..harmless import one_line
from ..marks import Mark
from ..similar import Alike
from .cases import unique_titles
from .class_csv import states_of
from .headings import OUTCOMES, STATUSES, words
from .pages import page

Results = Sequence[tuple[Graded, Mark]]

#: So many of the slowest submissions are named.
_SLOWEST = 10


@dataclass(frozen=True)
class Column:
    """A check over the class: `share` of those that were judged pass it, in percent, as a text."""

    id: str
    title: str
    task: str
    is_private: bool
    share: str


@dataclass(frozen=True)
class Row:
    """One submission; `cells` are the names of outcomes, one for each column."""

    student: str
    link: str
    status: str
    points: str
    percent: str
    bar: float
    grade: str
    late: str
    seconds: str
    like: str
    why: str
    cells: list[str]


@dataclass(frozen=True)
class Section:
    """What the page says of one lesson. `alike` is None where nobody was compared yet."""

    anchor: str
    title: str
    counts: list[tuple[str, int, str]]
    average: str
    median: str
    columns: list[Column]
    tasks: list[tuple[str, int]]
    rows: list[Row]
    mistakes: list[tuple[str, int, str]]
    typical_time: str
    slowest: list[tuple[str, str]]
    alike: list[tuple[str, str, str]] | None


def class_page(
    results: Results,
    lessons: Mapping[str, Lesson],
    language: Language,
    *,
    alike: Sequence[Alike] | None = (),
    links: Mapping[tuple[str, str], str] | None = None,
    similar: str = "",
) -> bytes:
    """Return the page. It is for instructors: private checks are named.

    `alike` is None while nobody was compared; `similar` is the address of the page that shows the
    pairs. `links` gives the address of a student's own report by student and lesson.
    """
    by_lesson: dict[str, list[tuple[Graded, Mark]]] = {}
    for graded, mark in sorted(results, key=lambda pair: pair[0].student.casefold()):
        by_lesson.setdefault(graded.lesson, []).append((graded, mark))
    sections = [
        _section(name, by_lesson[name], lessons.get(name), language, alike, links or {})
        for name in sorted(by_lesson)
    ]
    levels = sorted({graded.sandbox for graded, _mark in results})
    seeds = sorted({graded.seed for graded, _mark in results})
    return page(
        "class.html",
        language=language,
        word=words(language),
        sections=sections,
        sandbox=", ".join(levels),
        similar=similar,
        seed=", ".join(map(str, seeds)),
        outcomes={name: (sign, what.spoken(language)) for name, (sign, what) in OUTCOMES.items()},
        statuses={name: what.spoken(language) for name, what in STATUSES.items()},
    )


def status_of(graded: Graded) -> str:
    """Return a key of STATUSES: the status, with `broken` told from `fail`."""
    return "broken" if graded.verdict and graded.verdict.broken else graded.status


def _section(
    name: str,
    results: Results,
    lesson: Lesson | None,
    language: Language,
    alike: Sequence[Alike] | None,
    links: Mapping[tuple[str, str], str],
) -> Section:
    columns = _columns(results, lesson, language)
    statuses = Counter(status_of(graded) for graded, _mark in results)
    reached = [mark.percent for _graded, mark in results if mark.percent is not None]
    times = [graded.duration for graded, _mark in results if graded.duration]
    title = f"{lesson.number:02} {lesson.about.title.spoken(language)}" if lesson else None
    return Section(
        anchor=f"lesson-{name or 'none'}",
        title=title or message("no lesson").spoken(language),
        counts=[(key, statuses[key], what.spoken(language)) for key, what in STATUSES.items()],
        average=figure(round(fmean(reached), 1), language) if reached else "—",
        median=figure(round(median(reached), 1), language) if reached else "—",
        columns=columns,
        tasks=_tasks(columns, lesson, language),
        rows=[_row(graded, mark, lesson, columns, language, links) for graded, mark in results],
        mistakes=_mistakes(results, lesson, language),
        typical_time=figure(round(median(times), 1), language) if times else "—",
        slowest=_slowest(results, language),
        alike=None if alike is None else _alike(name, alike),
    )


def _columns(results: Results, lesson: Lesson | None, language: Language) -> list[Column]:
    known = {check.id: check for check in lesson.checks} if lesson else {}
    titles = unique_titles(list(known.values()), language)
    private = {id for _graded, mark in results for id in mark.private}
    outcomes = [_outcomes(graded) for graded, _mark in results]
    columns = []
    for id in dict.fromkeys([*known, *(id for one in outcomes for id in one)]):
        found = [one[id] for one in outcomes if id in one and one[id] != "not_run"]
        # What could be run nowhere is no column: it says nothing about anybody.
        if not set(found) - {"broken"} and any(one.get(id) == "not_run" for one in outcomes):
            continue
        share = f"{100 * found.count('pass') / len(found):.0f}" if found else "—"
        task = known[id].task if id in known else ""
        columns.append(Column(id, titles.get(id, id), task, id in private, share))
    return columns


def _outcomes(graded: Graded) -> dict[str, str]:
    """Return how each check of a submission went, as keys of OUTCOMES."""
    states = states_of(graded)
    return dict.fromkeys(states, "broken") if status_of(graded) == "broken" else states


def _tasks(
    columns: list[Column], lesson: Lesson | None, language: Language
) -> list[tuple[str, int]]:
    """Return the titles of tasks, each with the number of columns in a row that are its own."""
    titles = {task.id: task.title.spoken(language) for task in lesson.tasks} if lesson else {}
    groups: list[tuple[str, int]] = []
    for column in columns:
        title = titles.get(column.task, column.task or "—")
        if groups and groups[-1][0] == title:
            groups[-1] = (title, groups[-1][1] + 1)
        else:
            groups.append((title, 1))
    return groups


def _row(
    graded: Graded,
    mark: Mark,
    lesson: Lesson | None,
    columns: list[Column],
    language: Language,
    links: Mapping[tuple[str, str], str],
) -> Row:
    outcomes = _outcomes(graded)
    mistake = lesson.mistakes.get(graded.behaves_like or "") if lesson else None
    said = [one_line(step.why.spoken(language), 300) for step in mark.steps if step.kind != "check"]
    return Row(
        student=one_line(graded.student, 100),
        link=links.get((graded.student, graded.lesson), ""),
        status=status_of(graded),
        points="—" if mark.points is None else figure(mark.points, language),
        percent="—" if mark.percent is None else figure(mark.percent, language),
        bar=mark.percent or 0,
        grade=mark.grade or "",
        late=str(mark.days_late) if mark.days_late else "",
        seconds=figure(round(graded.duration, 1), language),
        like=mistake.title.spoken(language) if mistake else "",
        why="; ".join(said),
        cells=[outcomes.get(column.id, "none") for column in columns],
    )


def _mistakes(
    results: Results, lesson: Lesson | None, language: Language
) -> list[tuple[str, int, str]]:
    """Return the mistakes that submissions behave like: the title, how many, and who."""
    who: dict[str, list[str]] = {}
    for graded, _mark in results:
        if lesson and graded.behaves_like in lesson.mistakes:
            who.setdefault(graded.behaves_like, []).append(one_line(graded.student, 60))
    titles = (
        {id: one.title.spoken(language) for id, one in lesson.mistakes.items()} if lesson else {}
    )
    ordered = sorted(who.items(), key=lambda entry: -len(entry[1]))
    return [(titles[id], len(names), ", ".join(names)) for id, names in ordered]


def _alike(lesson: str, alike: Sequence[Alike]) -> list[tuple[str, str, str]]:
    return [
        (one_line(pair.one), one_line(pair.other), f"{pair.likeness:.0%}")
        for pair in sorted(alike, key=lambda pair: -pair.likeness)
        if pair.lesson == lesson
    ]


def _slowest(results: Results, language: Language) -> list[tuple[str, str]]:
    slow = sorted((graded for graded, _ in results), key=lambda graded: -graded.duration)
    return [
        (one_line(graded.student, 100), figure(round(graded.duration, 1), language))
        for graded in slow[:_SLOWEST]
        if graded.duration
    ]
