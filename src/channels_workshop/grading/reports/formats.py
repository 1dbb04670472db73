"""The formats: which files each of them writes, for the class or for each submission."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote

from ...course.lesson import Lesson
from ...language import Language, Message, message
from ..graded import Graded, Level
from ..marks import Mark
from ..similar import Alike
from . import class_csv, pages, student_markdown
from .class_page import class_page
from .classroom50 import Run, classroom50
from .document import document
from .exercism import exercism
from .github import BEGINS as BEGINS_OF_GITHUB
from .github import github
from .gradescope import gradescope
from .json_file import json_file
from .junit import junit
from .prairielearn import prairielearn
from .safe_names import safe_names
from .similar_page import similar_page
from .student_page import student_page

#: A file of a report: where, and its content. None: there is to be no such file.
File = tuple[PurePosixPath, bytes | None]


@dataclass(frozen=True)
class Batch:
    """All that reports are made from.

    `alike` is None as long as nobody was compared. `run` is that of a service which grades one
    submission; `students` are others who may come yet.
    """

    results: Sequence[tuple[Graded, Mark]]
    lessons: Mapping[str, Lesson]
    language: Language
    seed: int
    sandbox: Level
    alike: Sequence[Alike] | None = None
    run: Run | None = None
    students: Sequence[str] = ()

    @cached_property
    def places(self) -> list[PurePosixPath]:
        """A path for each submission, `student/lesson`, no two alike on any system."""
        here = [graded.student for graded, _mark in self.results]
        students = safe_names([*here, *self.students])
        places: list[PurePosixPath] = []
        for graded, _mark in self.results:
            name = graded.lesson or "unknown"
            place = PurePosixPath(students[graded.student], name)
            number = 2
            while place in places:
                place = place.with_name(f"{name}-{number}")
                number += 1
            places.append(place)
        return places


@dataclass(frozen=True)
class Format:
    """A format: what it is `about`, whether it is one for the `class` or for each `student`.

    `files` returns its files for a batch. `begins` is what each of them begins with, by which we
    know a file for a report of ours.
    """

    about: Message
    per: Literal["class", "student"]
    begins: bytes
    files: Callable[[Batch], Iterable[File]]


def _csv(batch: Batch) -> Iterable[File]:
    content = class_csv.class_csv(batch.results, batch.lessons, batch.language)
    yield PurePosixPath("class.csv"), content


def _html(batch: Batch) -> Iterable[File]:
    links = {}
    for place, (graded, mark) in zip(batch.places, batch.results, strict=True):
        path = PurePosixPath("students", f"{place}.html")
        links[graded.student, graded.lesson] = quote(str(path))
        lesson = batch.lessons.get(graded.lesson)
        yield path, student_page(graded, mark, lesson, batch.language)
    similar = PurePosixPath("similar.html")
    yield (
        similar,
        similar_page(batch.alike, batch.lessons, batch.language) if batch.alike else None,
    )
    content = class_page(
        batch.results,
        batch.lessons,
        batch.language,
        alike=batch.alike,
        links=links,
        similar=str(similar),
    )
    yield PurePosixPath("class.html"), content


def _json(batch: Batch) -> Iterable[File]:
    content = document(batch.results, batch.lessons, batch.seed, batch.sandbox, batch.language)
    yield PurePosixPath("grades.json"), json_file(content)


def _junit(batch: Batch) -> Iterable[File]:
    yield PurePosixPath("junit.xml"), junit(batch.results, batch.lessons, batch.language)


def _each(
    folder: str,
    ending: str,
    emitter: Callable[[Graded, Mark, Lesson | None, Language], bytes | None],
) -> Callable[[Batch], Iterable[File]]:
    """Return what makes a file of each submission: `folder/student/lesson` and `ending`."""

    def files(batch: Batch) -> Iterable[File]:
        for place, (graded, mark) in zip(batch.places, batch.results, strict=True):
            lesson = batch.lessons.get(graded.lesson)
            path = PurePosixPath(folder, f"{place}{ending}")
            yield path, emitter(graded, mark, lesson, batch.language)

    return files


def _classroom50(batch: Batch) -> Iterable[File]:
    def emitter(
        graded: Graded, mark: Mark, lesson: Lesson | None, language: Language
    ) -> bytes | None:
        return classroom50(graded, mark, lesson, language, batch.run)

    return _each("classroom50", "/result.json", emitter)(batch)


FORMATS: dict[str, Format] = {
    "html": Format(
        message("a page of the class, and one for each student"),
        "class",
        pages.BEGINS.encode(),
        _html,
    ),
    "md": Format(
        message("a report for each student, in Markdown"),
        "student",
        student_markdown.BEGINS.encode(),
        _each("students", ".md", student_markdown.student_markdown),
    ),
    "csv": Format(
        message("a table of the class, for spreadsheets"),
        "class",
        class_csv.BEGINS.encode(),
        _csv,
    ),
    "json": Format(
        message("all of it in one document"), "class", b'{\n  "version": 1,\n  "seed": ', _json
    ),
    "junit": Format(
        message("JUnit XML of the class"),
        "class",
        b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites name=\"channels-workshop\"",
        _junit,
    ),
    "exercism": Format(
        message("exercism’s results, version 3"),
        "student",
        b'{\n  "version": 3,\n  "status": ',
        _each("exercism", "/results.json", exercism),
    ),
    "gradescope": Format(
        message("Gradescope’s results"),
        "student",
        b'{\n  "extra_data": {\n    "made_by": "channels-workshop"',
        _each("gradescope", "/results.json", gradescope),
    ),
    "classroom50": Format(
        message("Classroom 50’s results, version 1"),
        "student",
        b'{\n  "schema": "classroom50/result/v1"',
        _classroom50,
    ),
    "github": Format(
        message("annotations for GitHub Actions"),
        "student",
        BEGINS_OF_GITHUB.encode(),
        _each("github", ".txt", github),
    ),
    "prairielearn": Format(
        message("PrairieLearn’s results"),
        "student",
        b'{\n  "gradable": ',
        _each("prairielearn", "/results.json", prairielearn),
    ),
}

#: What is written where nothing else is asked for.
DEFAULT_FORMATS = ("html", "md", "csv", "json")
