"""From what was handed in to submissions: each hand-in opened, read, and closed again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from ...course.lesson import Lesson
from ...language import Message, message
from ..submission import Ignored, Submission
from .entries import Entry, Source, Unreadable
from .folders import Folder
from .known import Known, Traits, plain
from .layout import HandIn
from .nothing import nothing_of, why_nothing
from .opened import opened
from .projects import Project, projects_in
from .recognised import Evidence
from .repositories import Repository, repository_in
from .taken import loose, taken

#: Of the files that are missing so many are named.
_MOST_NAMED = 5


@dataclass(frozen=True)
class _Content:
    """What is in a hand-in. `commit` is empty where it is no repository's."""

    projects: list[Project]
    entries: Sequence[Entry]
    commit: str = ""
    made_at: datetime | None = None
    notes: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class _Assigned:
    """A project, and the lesson that it is judged as, None where nothing tells."""

    project: Project
    lesson: Lesson | None
    evidence: Evidence

    @property
    def fits(self) -> bool:
        """Whether it is that lesson's, by its folder's name and by what is in it."""
        if self.lesson is None:
            return False
        named = self.project.lessons[-1:]
        misnamed = any(lesson.name != self.lesson.name for lesson in named)
        return not misnamed and self.evidence.another_lesson(self.lesson) is None


class Reader:
    """Reads hand-ins one after the other; `only` is the one lesson to be graded, None for all."""

    def __init__(self, known: Known, only: Lesson | None = None) -> None:
        self._known = known
        self._only = only
        self._of_other_lessons: dict[str, set[str]] = defaultdict(set)
        self._loose: dict[str, list[Ignored]] = defaultdict(list)

    def submissions_in(self, hand_in: HandIn) -> list[Submission]:
        """Return the submissions in a hand-in; one that is refused where nothing can be judged.

        Raises WorkshopError where git is needed and missing.
        """
        if self._is_of_another_lesson(hand_in, hand_in.lesson):
            return []
        if hand_in.refused is not None:
            return [self._refused(hand_in, hand_in.refused)]
        try:
            content = self._content(hand_in)
        except Unreadable as unreadable:
            return [self._refused(hand_in, unreadable.why)]
        if not content.projects:
            return self._without_project(hand_in, content)
        return [
            self._submission(hand_in, content, assigned)
            for assigned in self._assigned(hand_in, content.projects)
        ]

    def nothing_for_the_lesson(self, students: set[str]) -> list[Submission]:
        """Return what stands for those who handed in other lessons only.

        `students` are those who have a submission.
        """
        if self._only is None:
            return []
        return [
            Submission(
                student,
                self._only.name,
                source="",
                refused=message(
                    "Nothing was handed in for {lesson}. There is: {others}.",
                    lesson=self._only.name,
                    others=", ".join(sorted(others)),
                ),
            )
            for student, others in self._of_other_lessons.items()
            if student not in students
        ]

    def loose_files(self, student: str) -> list[Ignored]:
        """Return the files that lie beside a student's archives and in no project."""
        return self._loose[student]

    # ---- Opening.

    def _content(self, hand_in: HandIn) -> _Content:
        can_fall_back = not hand_in.commit and _has_files_beside_git(hand_in)
        content, unreadable = None, None
        try:
            with opened(hand_in) as source:
                content = self._content_of(source)
        except Unreadable as error:
            if not can_fall_back:
                raise
            unreadable = error
        if content is not None and (content.projects or not can_fall_back):
            return content
        with closing(Folder(hand_in.path, hand_in.apart)) as folder:
            in_folder = self._content_of(folder)
        if not in_folder.projects and unreadable is not None:
            raise unreadable
        note = message(
            "The commit holds no project that can be read, so the files count as they are in the "
            "folder."
        )
        return replace(in_folder, notes=[note])

    def _content_of(self, source: Source) -> _Content:
        projects = projects_in(source, self._known)
        if isinstance(source, Repository):
            return _Content(projects, source.entries, source.commit, source.made_at)
        return _Content(projects, source.entries)

    def _without_project(self, hand_in: HandIn, content: _Content) -> list[Submission]:
        if hand_in.apart:
            self._loose[hand_in.student] += loose(content.entries, hand_in.label)
            return []
        lesson = self._only or hand_in.lesson
        return [self._refused(hand_in, why_nothing(content.entries, self._known, lesson))]

    # ---- Of which lesson?

    def _is_of_another_lesson(self, hand_in: HandIn, lesson: Lesson | None) -> bool:
        if self._only is None or lesson is None or lesson.name == self._only.name:
            return False
        self._of_other_lessons[hand_in.student].add(lesson.name)
        return True

    def _assigned(self, hand_in: HandIn, projects: list[Project]) -> list[_Assigned]:
        """Return the projects that are judged, each with its lesson.

        That is the one asked for, else the one that the outermost folder names, else the one that
        is recognised. Projects that do not fit their lesson are left out where another one does.
        """
        found = []
        for project in projects:
            named = [hand_in.lesson] if hand_in.lesson else project.lessons[:1]
            if self._is_of_another_lesson(hand_in, named[0] if named else None):
                continue
            evidence = Evidence(project.contents, self._known)
            lesson = self._only or (named[0] if named else evidence.recognised)
            found.append(_Assigned(project, lesson, evidence))
        fitting = {x.lesson.name for x in found if x.lesson and x.fits}
        return [x for x in found if x.fits or x.lesson is None or x.lesson.name not in fitting]

    # ---- Submissions.

    def _refused(self, hand_in: HandIn, why: Message) -> Submission:
        lesson = self._only or hand_in.lesson
        return Submission(
            hand_in.student, lesson.name if lesson else "", hand_in.label, refused=why
        )

    def _submission(self, hand_in: HandIn, content: _Content, assigned: _Assigned) -> Submission:
        project, lesson = assigned.project, assigned.lesson
        source = hand_in.label + (f"/{project.root}" if project.root else "")
        source += f"@{content.commit[:7]}" if content.commit else ""
        if lesson is None:
            return Submission(hand_in.student, "", source, refused=_unknown_lesson())
        traits = self._known.of(lesson)
        files, ignored = taken(project, traits)
        handed_in_at = content.made_at or _newest(project, files)
        refused = None
        if other := assigned.evidence.another_lesson(lesson):
            refused = _looks_like(other, lesson)
        elif not files:
            refused = nothing_of(lesson)
        notes = list(content.notes)
        if refused is None:
            notes += _notes_on(files, traits)
            notes += self._not_committed(hand_in, content, assigned, files)
        return Submission(
            hand_in.student,
            lesson.name,
            source,
            {} if refused else files,
            ignored,
            refused,
            handed_in_at,
            notes,
        )

    def _not_committed(
        self, hand_in: HandIn, content: _Content, assigned: _Assigned, files: dict[str, bytes]
    ) -> list[Message]:
        """Return a note of the files in a repository's folder that are not as in its commit."""
        if not content.commit or hand_in.commit or not _has_files_beside_git(hand_in):
            return []
        assert assigned.lesson is not None
        try:
            with closing(Folder(hand_in.path)) as folder:
                projects = projects_in(folder, self._known)
        except Unreadable:
            return []
        committed = {project.root for project in content.projects}
        changed = [f"{each.root}/" for each in projects if each.root not in committed]
        for project in projects:
            if project.root == assigned.project.root:
                there, _ignored = taken(project, self._known.of(assigned.lesson))
                changed += [
                    path for path in there if _lines(there[path]) != _lines(files.get(path))
                ]
        if not changed:
            return []
        return [message("Not committed, so it does not count: {files}.", files=_named(changed))]


def _has_files_beside_git(hand_in: HandIn) -> bool:
    repository = repository_in(hand_in.path) if hand_in.path.is_dir() else None
    return repository is not None and repository != hand_in.path


def _lines(content: bytes | None) -> list[bytes] | None:
    return None if content is None else content.splitlines()


def _newest(project: Project, files: dict[str, bytes]) -> datetime | None:
    """Return when the newest of the files was changed; of all where none of them is taken."""
    times = [(x.path in files, x.modified) for x in project.entries if x.trouble is None]
    of_files = [time for is_taken, time in times if time and is_taken]
    return max(of_files or [time for _is_taken, time in times if time], default=None)


def _notes_on(files: dict[str, bytes], traits: Traits) -> Iterator[Message]:
    if missing := sorted(traits.paths - files.keys()):
        yield message(
            "The lesson has them, and they were not handed in: {files}.", files=_named(missing)
        )
    for path in missing:
        if f"{path}.txt" in files:
            yield message("{path}.txt should be {path}: a program has added .txt.", path=path)
    written = [path for path in files if path.endswith(".py") or path in traits.paths]
    if all(traits.texts.get(path) == plain(files[path]) for path in written) and not missing:
        yield message("Every file is as the lesson's reference has it.")


def _named(paths: list[str]) -> str:
    return ", ".join(paths[:_MOST_NAMED]) + (" …" if len(paths) > _MOST_NAMED else "")


def _unknown_lesson() -> Message:
    return message(
        "Nothing tells which lesson it is. Put the project into a folder that has the lesson's "
        "name, 03 for example."
    )


def _looks_like(other: Lesson, lesson: Lesson) -> Message:
    return message(
        "This looks like {other}, handed in as {lesson}. If that is what it is, hand it in in a "
        "folder named {other}.",
        other=other.name,
        lesson=lesson.name,
    )
