"""Which lesson a project is of, by what is in it.

Lessons grow out of one another, so one lesson is always weighed against another. A *clue* for a
lesson is

- that `pytest.ini`, as `start` wrote it, names the lesson (as strong as three others);
- a marker of a task's section, `# TASK name` or `# END name`;
- a file at a path that the lesson's project has among those that are handed in;
- a file whose text is that of the lesson's project, but for markers, blank lines and line ends.

What is a clue for both lessons says nothing and is left out.

**Recognised** is the lesson that has, against each other one, at least two clues, and more than
twice as many. A project is **another
lesson's** only where that one is recognised and has at least three clues against the lesson it was
handed in for, which has none at all; and where it cannot have grown into the latter: either each
lesson has a folder that the other has not (`console/`, `chat/`) and nothing lies in the folder of
the one it was handed in for, or the Python files that would be taken use fewer than two words
(names, mostly) that only that one has. Somebody who went on with an older project, or solved a
lesson in a way of their own, is so never told to have mistaken the lesson.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from .known import SETTINGS_OF_CHECKS, Known, Traits, markers_in, plain, words_in

_NAMED = re.compile(r"^workshop_lesson\s*=\s*(\S+)", re.MULTILINE)
_WEIGHT_OF_SETTINGS = 3
_LEAST_TO_RECOGNISE = 2
_LEAST_TO_SUSPECT = 3
_WORDS_FOR_DOUBT = 2


class Evidence:
    """What the files of one project say about its lesson; `contents` by their paths in it."""

    def __init__(self, contents: Mapping[str, bytes], known: Known) -> None:
        self._known = known
        self._texts = {path: plain(content) for path, content in contents.items()}
        self._markers = {name for content in contents.values() for name in markers_in(content)}
        settings = contents.get(SETTINGS_OF_CHECKS, b"").decode("utf-8-sig", errors="replace")
        named = _NAMED.search(settings)
        self._named = named[1] if named else ""

    @cached_property
    def recognised(self) -> Lesson | None:
        """The lesson that the project is of, None where that is not clear."""
        for one in self._known.traits:
            others = [other for other in self._known.traits if other is not one]
            if all(self._is_rather(one, other) for other in others):
                return one.lesson
        return None

    def another_lesson(self, lesson: Lesson) -> Lesson | None:
        """Return the lesson that the project is of where that is clearly not `lesson`, else None."""
        if self.recognised is None or self.recognised.name == lesson.name:
            return None
        one, expected = self._known.of(self.recognised), self._known.of(lesson)
        is_clear = (
            self._clues(one, expected) >= _LEAST_TO_SUSPECT
            and self._clues(expected, one) == 0
            and not self._may_have_grown(one, expected)
        )
        return self.recognised if is_clear else None

    def _may_have_grown(self, one: Traits, expected: Traits) -> bool:
        """Return whether somebody may have solved the expected lesson in the other's project."""
        if one.folders - expected.folders and expected.folders - one.folders:
            return any(path.split("/")[0] in expected.folders - one.folders for path in self._texts)
        words = self._words_taken_by(expected.lesson) & (expected.words - one.words)
        return len(words) >= _WORDS_FOR_DOUBT

    def _words_taken_by(self, lesson: Lesson) -> set[str]:
        return {
            word
            for path, text in self._texts.items()
            if path.endswith(".py") and lesson.is_submitted(PurePosixPath(path))
            for word in words_in(text)
        }

    def _is_rather(self, one: Traits, other: Traits) -> bool:
        clues = self._clues(one, other)
        return clues >= _LEAST_TO_RECOGNISE and clues > 2 * self._clues(other, one)

    def _clues(self, one: Traits, other: Traits) -> int:
        """Return how many clues there are for `one` that are none for `other`."""
        markers = self._markers & (one.markers - other.markers)
        paths = self._texts.keys() & (one.paths - other.paths)
        texts = [
            path
            for path, text in self._texts.items()
            if text and one.texts.get(path) == text != other.texts.get(path)
        ]
        settings = _WEIGHT_OF_SETTINGS if self._named == one.lesson.name else 0
        return len(markers) + len(paths) + len(texts) + settings
