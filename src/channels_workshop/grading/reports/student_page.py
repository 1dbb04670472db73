"""A student's report as a page of HTML."""

from ...course.lesson import Lesson
from ...language import Language
from ..graded import Graded
from ..marks import Mark
from .feedback import feedback_of
from .headings import words
from .pages import page


def student_page(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> bytes:
    """Return the report of one submission."""
    said = feedback_of(graded, mark, lesson, language)
    return page("student.html", said=said, word=words(language))
