"""Pairs of submissions that are nearly the same, side by side: a hint for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...course.lesson import Lesson
from ...language import Language, counted
from ..harmless import one_line
from ..similar import Alike, Passages
from .headings import words
from .pages import page

#: Pairs that are shown, the most alike first, and lines of one side.
_PAIRS, _LINES = 100, 400
#: Lines shown before and after those that are alike.
_AROUND = 2
#: Characters of a line.
_WIDTH = 200


@dataclass(frozen=True)
class Line:
    """A line of a submission; `number` is 0 where some are not shown."""

    number: int
    text: str = ""
    is_alike: bool = False


@dataclass(frozen=True)
class Side:
    """One submission of a pair: its student, and the lines of each file, by path."""

    student: str
    files: list[tuple[str, list[Line]]]


@dataclass(frozen=True)
class Pair:
    """One pair as it is shown."""

    lesson: str
    likeness: str
    sides: list[Side]


def similar_page(
    alike: Sequence[Alike], lessons: Mapping[str, Lesson], language: Language
) -> bytes:
    """Return the page. It is for instructors: it names students, and what they have written."""
    pairs = [
        Pair(
            f"{lessons[one.lesson].number:02} {lessons[one.lesson].about.title.spoken(language)}",
            f"{one.likeness:.0%}",
            [_side(one.one, one.in_one), _side(one.other, one.in_other)],
        )
        for one in alike[:_PAIRS]
    ]
    rest = counted(
        "{count} more pair is not shown.", "{count} more pairs are not shown.", len(alike) - _PAIRS
    )
    return page(
        "similar.html",
        language=language,
        word=words(language),
        pairs=pairs,
        rest=rest.spoken(language) if len(alike) > _PAIRS else "",
    )


def _side(student: str, passages: Sequence[Passages]) -> Side:
    left = _LINES
    files = []
    for passage in passages:
        lines = _lines(passage)[:left]
        left -= len(lines)
        if lines:
            files.append((one_line(passage.path, _WIDTH), lines))
    return Side(one_line(student, 100), files)


def _lines(passages: Passages) -> list[Line]:
    """Return the lines that are alike and those around them; a line 0 stands for what is between."""
    texts = passages.text.split("\n")
    shown = sorted(
        {
            near
            for line in passages.lines
            for near in range(line - _AROUND, line + _AROUND + 1)
            if 1 <= near <= len(texts)
        }
    )
    found: list[Line] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number != before + 1:
            found.append(Line(0))
        text = one_line(texts[number - 1].expandtabs(4), _WIDTH)
        found.append(Line(number, text, number in passages.lines))
    return found
