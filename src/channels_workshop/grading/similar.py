"""Submissions of one lesson that are nearly the same: a hint for a person, and never a verdict.

Fingerprints by winnowing, as MOSS takes them (Schleimer, Wilkerson, Aiken: Winnowing, 2003), over
programs whose names and layout are set aside. What the course itself has is nobody's own: the given
files, the stubs, and the reference with its solution, which the last hints show. What many of a class
have in common is no sign either, and of a few lines of one's own nothing can be said.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..course.lesson import Lesson
from ..course.sections import replace
from .normalised import Symbol, Vocabulary, bare, parsed, symbols_of, text_of, vocabulary_of
from .submission import Submission

#: Symbols in a row that must be the same: two lines or three.
_LENGTH = 16
#: Of so many in a row one fingerprint is taken: whatever is `_LENGTH + _WINDOW - 1` long is found.
_WINDOW = 4
#: Symbols, some six lines, that two must have in common beyond what all have.
_LEAST = 100
#: How much of the shorter one must be in the other.
_ALIKE = 0.75
#: Bytes of a submission's programs that are looked at, small files first.
_MOST_BYTES = 200_000
#: What more than so many have, and more than this share of the class, is common.
_FEW, _SHARE = 5, 0.1


@dataclass(frozen=True)
class Passages:
    """A file that has something in common with the other one: its `text`, and which `lines` (from 1)."""

    path: str
    text: str
    lines: frozenset[int]


@dataclass(frozen=True)
class Alike:
    """Two students whose submissions for `lesson` are nearly the same.

    `likeness` is the share, 0 to 1, of what the one who wrote less has written that is in the other
    one too. `in_one` and `in_other` show where that stands.
    """

    lesson: str
    one: str
    other: str
    likeness: float
    in_one: Sequence[Passages] = ()
    in_other: Sequence[Passages] = ()


def find_alike(submissions: Sequence[Submission], lessons: Mapping[str, Lesson]) -> list[Alike]:
    """Return the pairs that are nearly the same, the most alike first. Nothing of them is run."""
    by_lesson: dict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        if submission.lesson in lessons and submission.files:
            by_lesson[submission.lesson].append(submission)
    found = [pair for name, those in by_lesson.items() for pair in _pairs_in(those, lessons[name])]
    return sorted(found, key=lambda pair: (-pair.likeness, pair.lesson, pair.one, pair.other))


class _File:
    """A file's symbols, and the digest of each `_LENGTH` of them in a row, by where it begins."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.symbols = symbols
        self.digests = list(_digests(symbols))

    def covered(self, wanted: set[int]) -> set[int]:
        """Return the places of the symbols that belong to one of the `wanted` digests."""
        places: set[int] = set()
        for place, digest in enumerate(self.digests):
            if digest in wanted:
                places.update(range(place, place + _LENGTH))
        return places

    def fingerprints(self) -> set[int]:
        """Return the least digest of each window of them."""
        last = max(len(self.digests) - _WINDOW + 1, 1)
        return {min(self.digests[at : at + _WINDOW]) for at in range(last) if self.digests}


class _Program:
    """The Python files of one submission, each with the places of what is the student's own."""

    def __init__(self, submission: Submission, files: Mapping[str, _File]) -> None:
        self.submission = submission
        self.files = files
        self.digests = {digest for file in files.values() for digest in file.digests}
        self.fingerprints = {one for file in files.values() for one in file.fingerprints()}

    def set_aside(self, common: set[int]) -> None:
        """Set aside what is not the student's own."""
        self.digests -= common
        self.fingerprints -= common
        self.own = {
            path: set(range(len(file.symbols) if file.digests else 0)) - file.covered(common)
            for path, file in self.files.items()
        }
        self.size = sum(map(len, self.own.values()))

    def shared_with(self, other: "_Program") -> dict[str, set[int]]:
        """Return the places, by file, of what of its own is in the other one too."""
        both = self.digests & other.digests
        return {path: file.covered(both) & self.own[path] for path, file in self.files.items()}

    def passages(self, shared: Mapping[str, set[int]]) -> list[Passages]:
        """Return where what is `shared` stands."""
        return [
            Passages(
                path,
                text_of(self.submission.files[path]),
                frozenset(self.files[path].symbols[place].line for place in places),
            )
            for path, places in sorted(shared.items())
            if places
        ]


def _digests(symbols: Sequence[Symbol]) -> Iterator[int]:
    """Yield a digest of each `_LENGTH` symbols in a row.

    A name is told by how far back it was last used among them: renamed throughout, it is the same.
    """
    back: list[int] = []
    last: dict[str, int] = {}
    for place, symbol in enumerate(symbols):
        back.append(place - last.get(symbol.name, place) if symbol.name else 0)
        last[symbol.name] = place
    for at in range(len(symbols) - _LENGTH + 1):
        yield hash(
            tuple(
                symbols[at + n].code or (back[at + n] if back[at + n] <= n else 0)
                for n in range(_LENGTH)
            )
        )


def _pairs_in(submissions: Sequence[Submission], lesson: Lesson) -> Iterator[Alike]:
    of_the_course = _sources_of_the_course(lesson)
    course = [tree for source in of_the_course if (tree := parsed(source))]
    known = vocabulary_of(course)
    given = {digest for tree in course for digest in _File(symbols_of(tree, known)).digests}
    # Each content is read once; of a file that is the course's there is nothing to read.
    read: dict[bytes | str, _File] = dict.fromkeys(map(bare, of_the_course), _File([]))
    programs = [_program(submission, known, read) for submission in submissions]
    common = given | _common_in(programs)
    for program in programs:
        program.set_aside(common)
    large = [program for program in programs if program.size >= _LEAST]
    for one, other in _that_share_something(large):
        if pair := _compared(one, other):
            yield pair


def _sources_of_the_course(lesson: Lesson) -> list[bytes]:
    """Return the reference's programs, and those that every learner begins with."""
    files = [lesson.folder / path for path in lesson.project_files if path.suffix == ".py"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return [text.encode() for text in (*texts, *(replace(text, lesson.stubs) for text in texts))]


def _program(submission: Submission, known: Vocabulary, read: dict[bytes | str, _File]) -> _Program:
    programs = {path: text for path, text in submission.files.items() if path.endswith(".py")}
    files = {}
    left = _MOST_BYTES
    for path in sorted(programs, key=lambda path: (len(programs[path]), path)):
        content = programs[path]
        left -= len(content)
        if left < 0:
            break
        if content not in read:
            tree = None if bare(content) in read else parsed(content)
            read[content] = _File(symbols_of(tree, known) if tree else [])
        files[path] = read[content]
    return _Program(submission, files)


def _common_in(programs: Sequence[_Program]) -> set[int]:
    """Return the digests that too many have to say anything about two."""
    counts = Counter(digest for program in programs for digest in program.digests)
    most = max(_FEW, _SHARE * len(programs))
    return {digest for digest, count in counts.items() if count > most}


def _that_share_something(programs: Sequence[_Program]) -> list[tuple[_Program, _Program]]:
    having: dict[int, list[int]] = defaultdict(list)
    for number, program in enumerate(programs):
        for fingerprint in program.fingerprints:
            having[fingerprint].append(number)
    pairs = {pair for numbers in having.values() for pair in combinations(numbers, 2)}
    return [(programs[one], programs[other]) for one, other in sorted(pairs)]


def _compared(one: _Program, other: _Program) -> Alike | None:
    shorter, longer = sorted((one, other), key=lambda program: program.size)
    shared = shorter.shared_with(longer)
    amount = sum(map(len, shared.values()))
    if amount < _LEAST or amount < _ALIKE * shorter.size:
        return None
    return Alike(
        one.submission.lesson,
        one.submission.student,
        other.submission.student,
        amount / shorter.size,
        one.passages(one.shared_with(other)),
        other.passages(other.shared_with(one)),
    )
