"""The folder that `grade` writes to: what came of each submission is there as soon as it has come.

One grader at a time; one that was killed leaves all that it has finished, and nothing half written.
"""

import contextlib
import hashlib
import json
import os
import unicodedata
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ..course.lesson import Lesson
from ..errors import WorkshopError
from ..language import message
from .graded import Graded
from .order import Order, order_for, versions

#: In the folder: what came of each submission, and who is at work there.
_RECORDS = "records"
_LOCK = ".grading"
#: And what holds for all of them.
_ABOUT = "grading.json"


class Record(msgspec.Struct, frozen=True):
    """What a verdict hangs on, and what came of it: enough to judge it again, here or elsewhere.

    `order` holds the files themselves; None where nothing tells of which lesson they are. `versions`
    are those of what judged it.
    """

    order: Order | None
    graded: Graded
    versions: dict[str, str]


class Records:
    """What came of submissions, kept in `folder`. `open_records` gives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._records = folder / _RECORDS

    def keep(self, order: Order | None, graded: Graded) -> None:
        """Keep what came of a submission, in the place of what was there of it."""
        self._records.mkdir(parents=True, exist_ok=True)
        record = Record(order, graded, versions())
        file = self._file(graded.student, graded.lesson)
        write_whole(file, msgspec.json.encode(record))

    def find(self, order: Order) -> Graded | None:
        """Return what came of just this order before, None where nothing did.

        What was our fault has come to nothing.
        """
        file = self._file(order.submission.student, order.submission.lesson)
        try:
            graded = read_record(file).graded
        except WorkshopError:  # none, or of another version
            return None
        is_it = graded.fingerprint == order.fingerprint and graded.status != "error"
        return graded if is_it and graded.student == order.submission.student else None

    def all(self) -> list[Graded]:
        """Return all that is kept, by student and lesson."""
        found = []
        for file in self._records.glob("*.json"):
            with contextlib.suppress(WorkshopError):
                found.append(read_record(file).graded)
        return sorted(found, key=lambda graded: (graded.student, graded.lesson))

    def of_student(self, student: str) -> list[Graded]:
        """Return what is kept of a student, by lesson."""
        name = unicodedata.normalize("NFC", student.strip())
        return [graded for graded in self.all() if graded.student == name]

    @property
    def seed(self) -> int | None:
        """The seed of the grading here, None where none has begun."""
        try:
            return int(json.loads((self.folder / _ABOUT).read_bytes())["seed"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_seed(self, seed: int) -> None:
        """Keep the seed, for whoever goes on with this grading."""
        write_whole(self.folder / _ABOUT, json.dumps({"seed": seed, **versions()}).encode())

    def put_aside(self) -> None:
        """Move what an earlier grading has kept to `earlier/`, of which nothing is read any more."""
        if self._records.is_dir():
            earlier = self.folder / "earlier"
            earlier.mkdir(exist_ok=True)
            number = sum(1 for _one in earlier.iterdir()) + 1
            self._records.rename(earlier / f"{number:03}")

    def _file(self, student: str, lesson: str) -> Path:
        # In percent signs, since names are anybody's; in lower case, two of them may meet.
        name = urllib.parse.quote(f"{student}\n{lesson}", safe=" ")
        return self._records / f"{name[:150]}-{_mark_of(name)}.json"


def holds_grades(folder: Path) -> bool:
    """Return whether a grading writes, or has written, to `folder`."""
    return (folder / _ABOUT).is_file()


def read_record(file: Path) -> Record:
    """Return what is kept in `file`. Raises WorkshopError where it is no record of ours."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError) as error:
        raise WorkshopError(
            message("{file} is no record of a grading: {why}", file=str(file), why=str(error)),
            message("Records stand in the folder of the grades, below records/."),
        ) from None


def order_of(record: Record, lessons: Mapping[str, Lesson]) -> tuple[Order, list[str]]:
    """Return the order to judge a record's submission again, here; and what is not as it was then.

    Raises WorkshopError where it was not judged.
    """
    then = record.order
    if then is None:
        raise WorkshopError(
            message("Nothing of it was judged: {why}", why=record.graded.reason or ""),
            message("Only what was judged can be judged again."),
        )
    lesson = lessons[then.submission.lesson]
    order = order_for(then.submission, lesson, then.seed, then.sandbox, then.longest)
    now = versions()
    changed = [
        f"{name} {version} → {now.get(name, '—')}"
        for name, version in record.versions.items()
        if now.get(name) != version
    ]
    if not changed and order.fingerprint != then.fingerprint:
        changed = [str(message("the checks of {lesson}", lesson=lesson.name))]
    return order, changed


def _mark_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def write_whole(file: Path, content: bytes) -> None:
    """Write `content` so that the file is there whole or, as before, at every moment."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(file)


@contextlib.contextmanager
def open_records(folder: Path) -> Iterator[Records]:
    """Give the records in `folder`, which is made. Raises WorkshopError where another is at work."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / _LOCK
    try:
        # Who has it for themselves is the system's business, also after a `kill -9`.
        file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        _take(file)
    except OSError:
        raise WorkshopError(
            message("Another grading is at work in {folder}.", folder=str(folder)),
            message("Wait for it, or name another folder with --out."),
        ) from None
    try:
        os.write(file, json.dumps({"pid": os.getpid()}).encode())
        yield Records(folder)
    finally:
        os.close(file)
        lock.unlink(missing_ok=True)


def _take(file: int) -> None:
    """Lock the open `file` for this process. Raises OSError where another has it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
