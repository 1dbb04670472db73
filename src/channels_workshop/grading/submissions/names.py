"""Names of students, files and lessons, as people and their programs write them.

**Files in archives and folders.** A name that is UTF-8 is read as UTF-8. The others of one archive
were written by one program, so they are read in one encoding: cp866 or cp1251, whichever gives more
of the letters that are frequent in Russian words, and cp437 where neither gives words.

**Students.** The name of their folder or archive, in NFC, without control characters, trimmed, with
single spaces. Of `Anna Petrova_12345_assignsubmission_file_…`, as Moodle writes it, it is
`Anna Petrova`. Of an archive's name, the lesson's name (`anna_03_chat_consumer.zip`) and what marks
a copy (` (2)`, `_v2`, ` - Copy`, ` — копия`) are none of it.

**Lessons.** A folder names a lesson by the lesson's own name or a beginning of it (`03_chat`), by
`lesson 3` or `урок 3`; below a student's also by the number alone (`3`, `03`). Case, and whether
`_`, `-`, `.` or a space separates, do not matter, nor what follows the lesson's whole name.
"""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from ...course.lesson import Lesson
from ...language import Message, message

_MOODLE = re.compile(
    r"(?P<student>.+?)_(?P<number>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:[_.].*)?",
    re.DOTALL,
)
#: Endings of archives; a name may have two of them (`.tar.gz`).
_ENDINGS = re.compile(
    r"(\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|rar|7z|z[0-9]{2}|[0-9]{3}|git|part))+$", re.IGNORECASE
)
_COPY = re.compile(
    r"(\s*\([0-9]{1,2}\)|[ _-]+v[0-9]{1,2}|\s*[-–—_ ]\s*(copy|копия))+$", re.IGNORECASE
)
_SEPARATORS = r"[\s_.\-–—]*"
_NUMBERED = re.compile(
    rf"(?<![^\W\d_])(?:lesson|урок){_SEPARATORS}(?:№{_SEPARATORS})?0?(?P<number>[0-9]+)(?![0-9])",
    re.IGNORECASE,
)

#: A path with more characters, or more folders, is nobody's.
LONGEST_PATH = 400
_DEEPEST_PATH = 30
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)

_FREQUENT = frozenset("оеаинтсрвлкмд")
_CYRILLIC = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ")


# ---- Names as text.


def decoded(names: Sequence[bytes]) -> list[str]:
    """Return the names of one archive or folder as text: see above. Never raises."""
    foreign = [name for name in names if not _is_utf_8(name)]
    encoding = _encoding_of(b" ".join(foreign)) if foreign else "utf-8"
    return [
        name.decode("utf-8" if _is_utf_8(name) else encoding, errors="replace") for name in names
    ]


def decoded_paths(names: Sequence[str]) -> list[str]:
    """Return names that the operating system gave, with those decoded that it could not read."""
    return decoded([os.fsencode(name) for name in names])


def _is_utf_8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding_of(names: bytes) -> str:
    likeness = {
        encoding: _likeness_to_russian(names.decode(encoding, errors="replace"))
        for encoding in ("cp866", "cp1251")
    }
    best = max(likeness, key=lambda encoding: likeness[encoding])
    return best if likeness[best] > 0 else "cp437"


def _likeness_to_russian(text: str) -> int:
    """Return a number that is the higher the more `text` looks like words in Russian."""
    result = 0
    for word in re.findall(r"[^\W\d_]+", text):
        letters = [letter for letter in word if letter.lower() in _CYRILLIC]
        if len(letters) == len(word):
            result += sum(2 if letter.lower() in _FREQUENT else 1 for letter in word)
            # No word goes on in capitals after a small letter.
            result -= 3 * len(re.findall(r"(?<=[а-яё])[А-ЯЁ]", word))
        elif letters or not word.isascii():
            result -= 2 * len(word)  # two alphabets in one word
    return result - 2 * sum(1 for sign in text if ord(sign) > 127 and not sign.isalnum())


def natural(name: str) -> list[int | str]:
    """Return a key that sorts names as people do: `anna`, `anna (2)`, `anna (10)`."""
    parts = re.split("([0-9]+)", unicodedata.normalize("NFC", name).casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def printable(text: str) -> str:
    """Return `text` in NFC, with control characters and the like written as `\\x1b`."""
    if text.isascii() and text.isprintable():  # most are, and there may be very many
        return text
    return "".join(
        f"\\x{ord(sign):02x}" if _is_control(sign) else sign
        for sign in unicodedata.normalize("NFC", text)
    )


def _has_control(text: str) -> bool:
    return not text.isprintable() and any(map(_is_control, text))


def _is_control(sign: str) -> bool:
    # Cf holds what turns the direction of writing around, and so disguises a name.
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def unfit(path: str) -> Message | None:
    """Return why a file of that path is not taken: not every system can hold it; None if it is."""
    if len(path) > LONGEST_PATH or path.count("/") > _DEEPEST_PATH:
        return too_long()
    if not path:
        return message("It has no name.")
    for part in PurePosixPath(path).parts:
        if _has_control(part):
            return message("Its name has a control character in it.")
        if _RESERVED.fullmatch(part) or part[-1:] in {".", " "} or set(part) & set('<>:"|?*'):
            return message("Windows cannot hold a file of that name.")
        if len(part.encode()) > 255:
            return too_long()
    return None


def too_long() -> Message:
    """Return why a file is not taken whose path is longer than anybody would write."""
    return message("Its path is too long.")


# ---- Names of students.


def student_named(name: str, lessons: Sequence[Lesson], *, archive: bool) -> str:
    """Return which student a folder or an `archive` of that name is of. Never empty."""
    if moodle := _MOODLE.fullmatch(name):
        return _tidy(moodle["student"]) or printable(name)
    if archive:
        name = " ".join(name.split())
        name = _ENDINGS.sub("", name) or name
        name = _without_copy_mark(name)
        name = _without_copy_mark(_without_lesson(name, lessons) or name)
    return _tidy(name) or printable(name)


def moodle_number(name: str) -> str | None:
    """Return the number by which Moodle tells two students of one name apart, None if none."""
    moodle = _MOODLE.fullmatch(name)
    return moodle["number"] if moodle else None


def _tidy(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if sign.isspace() else sign for sign in name)
    name = "".join(sign for sign in name if not _is_control(sign))
    return " ".join(name.split()).strip("_") if name.strip("_ .") else ""


def _without_copy_mark(name: str) -> str:
    return _COPY.sub("", name) or name


def _without_lesson(name: str, lessons: Sequence[Lesson]) -> str:
    found = _lesson_mentioned(name, lessons)
    if found is None:
        return name
    _lesson, (start, end) = found
    return f"{name[:start]} {name[end:]}".strip(" _-–—.")


# ---- Names of lessons.


def lesson_named(name: str, lessons: Sequence[Lesson], *, strictly: bool = False) -> Lesson | None:
    """Return the lesson that a folder's name names, None if none.

    `strictly`: not by a number alone, since students may have numbers for names.
    """
    plain = _plain(name)
    for lesson in lessons:
        whole = _plain(lesson.name)
        number = f"{lesson.number:02}"
        if plain == whole or plain.startswith(f"{whole}_"):
            return lesson
        if whole.startswith(f"{plain}_") and plain != number:
            return lesson
        if plain in {number, str(lesson.number)} and not strictly:
            return lesson
    numbered = _NUMBERED.fullmatch(name.strip()) if strictly else _NUMBERED.match(name.strip())
    return _by_number(numbered, lessons)


def only_a_lesson(name: str, lessons: Sequence[Lesson]) -> bool:
    """Return whether an archive's name names a lesson and nobody."""
    stem = _without_copy_mark(_ENDINGS.sub("", name))
    return _lesson_mentioned(stem, lessons) is not None and not _without_lesson(stem, lessons)


def lesson_in_name(name: str, lessons: Sequence[Lesson]) -> Lesson | None:
    """Return the lesson that an archive's name names anywhere in it, None if none."""
    stem = _ENDINGS.sub("", name)
    found = _lesson_mentioned(stem, lessons)
    return found[0] if found else lesson_named(stem, lessons)


def _lesson_mentioned(
    name: str, lessons: Sequence[Lesson]
) -> tuple[Lesson, tuple[int, int]] | None:
    for lesson in lessons:
        words = _SEPARATORS.join(map(re.escape, lesson.name.split("_")))
        if found := re.search(rf"(?<![^\W_]){words}(?![^\W_])", name, re.IGNORECASE):
            return lesson, found.span()
    numbered = _NUMBERED.search(name)
    lesson_found = _by_number(numbered, lessons)
    return (lesson_found, numbered.span()) if lesson_found and numbered else None


def _by_number(found: re.Match[str] | None, lessons: Sequence[Lesson]) -> Lesson | None:
    number = int(found["number"]) if found else None
    return next((lesson for lesson in lessons if lesson.number == number), None)


def _plain(name: str) -> str:
    name = unicodedata.normalize("NFC", name).casefold().strip()
    return re.sub(r"[\s_.\-–—]+", "_", name).strip("_")
