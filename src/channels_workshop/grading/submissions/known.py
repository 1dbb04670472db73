"""What is known of the lessons' projects: paths, given text, markers, words. Read once."""

import re
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...course.project import READMES

#: Put into a learner's copy by `start`; it names the lesson.
SETTINGS_OF_CHECKS = "pytest.ini"

#: The line before or after a section, in a learner's copy or in the reference.
_MARKER = re.compile(
    r"^[ \t]*\S+ (?:(?:TASK|END) (?P<name>[\w-]+)\b|--8<-- \[(?:start|end):(?P<section>[\w-]+)\])"
)
_WORD = re.compile(r"[^\W\d]\w{3,}")
#: What explains a program, and so may say anything.
_PROSE = re.compile(r'("""|\'\'\').*?\1|#[^\n]*', re.DOTALL)


class Traits:
    """What tells one lesson's project from another's.

    `folders` are those whose files are handed in, `paths` the files in them that the reference has;
    `contents` all of its files by path, `texts` the same as they are compared (see `plain`);
    `markers` the names of the tasks' sections, `places` the files that they are in; `words` those of
    its Python files.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        files = {str(path): (lesson.folder / path).read_bytes() for path in lesson.project_files}
        self.contents = files
        self.paths = {path for path in files if lesson.is_submitted(PurePosixPath(path))}
        for name in READMES:
            if (lesson.folder / name).is_file():
                files[name] = (lesson.folder / name).read_bytes()
        self.texts = {path: plain(content) for path, content in files.items()}
        self.markers = {section for task in lesson.tasks for section in task.sections}
        self.places = {
            section.path.relative_to(lesson.folder).as_posix()
            for task in lesson.tasks
            for section in lesson.sections_of(task)
        }
        self.folders = {glob.split("/")[0] for glob in lesson.about.submit}
        self.words = {
            word
            for path in self.paths
            if path.endswith(".py")
            for word in words_in(self.texts[path])
        }


@cache
def traits_of(lesson: Lesson) -> Traits:
    """Return what tells a lesson from the others. Its files are read once in a process."""
    return Traits(lesson)


class Known:
    """The lessons that a hand-in may be of."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        self.lessons = lessons

    @cached_property
    def traits(self) -> list[Traits]:
        """What tells each lesson from the others, in the order of the lessons."""
        return [traits_of(lesson) for lesson in self.lessons]

    def of(self, lesson: Lesson) -> Traits:
        """Return what is known of one of the lessons."""
        return next(traits for traits in self.traits if traits.lesson.name == lesson.name)

    def places_of_tasks(self, lesson: str) -> set[str]:
        """Return the files in which a lesson's tasks are written; none for one that is not known."""
        return {path for x in self.traits if x.lesson.name == lesson for path in x.places}

    @cached_property
    def paths(self) -> set[str]:
        """The paths of all files that some lesson's reference has among those handed in."""
        return {path for traits in self.traits for path in traits.paths}

    @cached_property
    def heads(self) -> set[str]:
        """What the paths begin with that some lesson takes: the names of folders, mostly."""
        folders = {folder for traits in self.traits for folder in traits.folders}
        return folders | {path.split("/")[0] for path in self.paths}

    @cached_property
    def _texts(self) -> set[str]:
        return {path for traits in self.traits for path in traits.texts}

    def is_submitted_anywhere(self, path: PurePosixPath) -> bool:
        """Return whether some lesson takes a file at `path`."""
        return any(lesson.is_submitted(path) for lesson in self.lessons)

    def is_wanted(self, path: PurePosixPath) -> bool:
        """Return whether a file at `path` is taken by a lesson, or tells which one it is."""
        text = str(path)
        return text == SETTINGS_OF_CHECKS or text in self._texts or self.is_submitted_anywhere(path)


def plain(content: bytes) -> str:
    """Return a text as it is compared: without markers, blank lines, and what editors change."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip() and not _MARKER.match(line))


def markers_in(content: bytes) -> set[str]:
    """Return the names of the sections whose markers stand in a file."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    found = [marker for line in lines if (marker := _MARKER.match(line))]
    return {marker["name"] or marker["section"] for marker in found}


def words_in(program: str) -> set[str]:
    """Return the words of a program, of four letters and more, without comments and docstrings."""
    return {word.lower() for word in _WORD.findall(_PROSE.sub(" ", program))}
