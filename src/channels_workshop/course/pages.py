"""The pages about a lesson: their addresses below a language, without an ending."""

from .lesson import KnownError, Lesson


def lesson_page(lesson: Lesson) -> str:
    """Return the page that teaches the lesson, such as `lessons/03_chat_consumer`."""
    return f"lessons/{lesson.name}"


def symptoms_page(lesson: Lesson) -> str:
    """Return the page that explains what goes wrong in the lesson, by what a learner sees."""
    return f"symptoms/{lesson.name}"


def notebook_page(lesson: Lesson | str) -> str:
    """Return the page with the lesson's notebook and what came of it."""
    return f"notebooks/{lesson if isinstance(lesson, str) else lesson.name}"


def agreement_page(lesson: Lesson) -> str:
    """Return the page with all of the lesson's agreement."""
    return f"agreements/{lesson.name}"


def explanation(lesson: Lesson, known: KnownError, ending: str) -> str:
    """Return where a known error is explained, in files (`ending` is `.md`) or on the site (`/`)."""
    return f"{symptoms_page(lesson)}{ending}#{known.anchor}"
