"""Reads an instructor's policy from its TOML file; a complaint names the file, the line and the fix.

What a policy holds, and an example, stands in `rules`.
"""

import difflib
import re
import zoneinfo
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from ..course.lesson import Lesson
from ..course.toml_file import read
from ..errors import WorkshopError
from ..language import Message, message, verbatim
from .lateness import in_zone
from .rules import Extension, LessonRules, Policy, Rules, unknown_students
from .toml_lines import line_of

__all__ = ["BrokenPolicy", "Policy", "read_policy", "unknown_students"]

T = TypeVar("T")
Place = tuple[str | int, ...]

_DATE = message("Write a date and a time, such as 2026-10-19T23:59:00.")
_PERCENT = message("Write a number of percent, from 0 to 100.")
_POINTS = message("Write a number of points, from 0 to 1000.")
_DAYS = message("Write a whole number of days, from 0 to 366.")
_LATE = message("Write, for example: late = { per_day = 10, at_most = 50, days = 7 }")
#: What to write where the value of a field is of a wrong kind.
_FIXES = {
    "deadline": _DATE,
    "until": _DATE,
    "days": _DAYS,
    "late": _LATE,
    "per_day": _PERCENT,
    "at_most": _PERCENT,
    "of": message('Write of = "earned" or of = "total".'),
    "pass_mark": _PERCENT,
    "grades": message("Write, for example: grades = { A = 90, B = 75, C = 50 }"),
    "checks": _POINTS,
    "tasks": _POINTS,
    "required": _PERCENT,
    "zone": message("Write the name of a time zone, such as Europe/Berlin, in quotes."),
    "student": message("Write the student’s name in quotes, as it is in the submissions."),
    "lesson": message("Write the lesson’s name in quotes."),
    "lessons": message("Begin a table for each lesson, such as [lessons.03]."),
    "extensions": message("Begin each extension with [[extensions]]."),
}
_LOOK = message("The page about grading lists what a policy holds.")


class _Top(Rules, frozen=True, forbid_unknown_fields=True):
    """What stands at the top of the file, beside the tables."""

    zone: str = ""
    # Read one by one, so that a complaint knows which it is about.
    lessons: dict[str, dict[str, object]] = {}
    extensions: list[dict[str, object]] = []


class BrokenPolicy(WorkshopError):
    """A policy that cannot hold. `path` and `line` (from 1) say where."""

    def __init__(self, path: Path, line: int, what: Message, fix: Message) -> None:
        place = f"{path}:{line}"
        super().__init__(message("{place}: {what}", place=place, what=what), fix)
        # What it is made from, so that it comes whole out of a worker process.
        self.args = (path, line, what, fix)
        self.path = path
        self.line = line


def read_policy(path: Path, lessons: Sequence[Lesson]) -> Policy:
    """Return the policy in the file at `path`, for `lessons`.

    Raises WorkshopError, which names the file, the line and the fix, for a file that cannot be read
    or whose rules cannot hold.
    """
    if not path.is_file():
        raise BrokenPolicy(
            path, 1, message("there is no such file"), message("--policy takes a TOML file.")
        )
    table = read(path, dict[str, object])
    return _Reader(path, lessons).policy(table)


class _Reader:
    """Makes a Policy of the tables in one file, and complains about what cannot be."""

    def __init__(self, path: Path, lessons: Sequence[Lesson]) -> None:
        self._path = path
        self._text = path.read_text(encoding="utf-8")
        self._lessons = lessons
        #: How the file calls a lesson, by its name: `3`, `03` or that.
        self._called: dict[str, str] = {}

    def policy(self, table: dict[str, object]) -> Policy:
        top = self._converted(table, _Top, ())
        common = {name: getattr(top, name) for name in Rules.__struct_fields__}
        policy = Policy(
            **common,
            zone=top.zone,
            lessons=self._lesson_rules(top.lessons),
            extensions=[
                self._extension(entry, ("extensions", number))
                for number, entry in enumerate(top.extensions)
            ],
        )
        self._refuse_wrong_zone(policy)
        self._refuse_wrong_grades(top.grades, ("grades",))
        self._refuse_silence_about_lateness(policy)
        for number, extension in enumerate(policy.extensions):
            self._refuse_wrong_extension(policy, extension, ("extensions", number))
        return policy

    # ---- The parts.

    def _lesson_rules(self, tables: dict[str, dict[str, object]]) -> dict[str, LessonRules]:
        found: dict[str, LessonRules] = {}
        for key, table in tables.items():
            place: Place = ("lessons", key)
            lesson = self._lesson(key, place)
            if lesson.name in found:
                raise self._complaint(
                    place,
                    message("there are two tables for the lesson {lesson}", lesson=lesson.name),
                    message("Put them together into one."),
                )
            rules = self._converted(table, LessonRules, place)
            self._refuse_wrong_ids(rules, lesson, place)
            self._refuse_two_weights(rules, lesson, place)
            self._refuse_worthless(rules, lesson, place)
            self._refuse_wrong_grades(rules.grades, (*place, "grades"))
            found[lesson.name], self._called[lesson.name] = rules, key
        return found

    def _extension(self, table: dict[str, object], place: Place) -> Extension:
        extension = self._converted(table, Extension, place)
        if (extension.days is None) == (extension.until is None):
            raise self._complaint(
                place,
                message("an extension says either how many days, or until when"),
                message("Write one of the two: days = 3, or until = 2026-10-25T23:59:00."),
            )
        if not extension.lesson:
            return extension
        lesson = self._lesson(extension.lesson, (*place, "lesson"))
        return msgspec.structs.replace(extension, lesson=lesson.name)

    def _lesson(self, wanted: str, place: Place) -> Lesson:
        for lesson in self._lessons:
            if wanted in (lesson.name, f"{lesson.number:02}", str(lesson.number)):
                return lesson
        names = [lesson.name for lesson in self._lessons]
        what = message("there is no lesson “{wanted}”", wanted=wanted)
        raise self._complaint(place, what, _near(wanted, names))

    # ---- What cannot be.

    def _refuse_wrong_ids(self, rules: LessonRules, lesson: Lesson, place: Place) -> None:
        checks, tasks = [one.id for one in lesson.checks], [one.id for one in lesson.tasks]
        for field, known in (("checks", checks), ("tasks", tasks), ("required", checks)):
            for wanted in getattr(rules, field):
                if wanted in known:
                    continue
                what = message("{lesson} has no task “{wanted}”", lesson=lesson.name, wanted=wanted)
                if field != "tasks":
                    what = message(
                        "{lesson} has no check “{wanted}”", lesson=lesson.name, wanted=wanted
                    )
                raise self._complaint((*place, field, wanted), what, _near(wanted, known))

    def _refuse_two_weights(self, rules: LessonRules, lesson: Lesson, place: Place) -> None:
        for check in lesson.checks:
            if check.id in rules.checks and check.task in rules.tasks:
                raise self._complaint(
                    (*place, "checks", check.id),
                    message(
                        "the check “{check}” has points of its own and a share in those of its "
                        "task “{task}”",
                        check=check.id,
                        task=check.task,
                    ),
                    message("Leave out one of the two."),
                )

    def _refuse_worthless(self, rules: LessonRules, lesson: Lesson, place: Place) -> None:
        for check in lesson.checks:
            if rules.checks.get(check.id, rules.tasks.get(check.task, check.points)):
                return
        raise self._complaint(
            place, message("no check is worth a point"), message("Give one of them points.")
        )

    def _refuse_wrong_grades(self, grades: dict[str, float] | None, place: Place) -> None:
        named: dict[float, str] = {}
        for name, bound in (grades or {}).items():
            if bound in named:
                raise self._complaint(
                    (*place, name),
                    message(
                        "two grades, “{one}” and “{other}”, begin at the same percentage",
                        one=named[bound],
                        other=name,
                    ),
                    message("Give each grade the percentage from which on it is given."),
                )
            named[bound] = name

    def _refuse_wrong_zone(self, policy: Policy) -> None:
        if policy.zone:
            if policy.zone not in zoneinfo.available_timezones():
                what = message("there is no time zone “{zone}”", zone=policy.zone)
                raise self._complaint(("zone",), what, _near_zone(policy.zone))
            return
        for place, rules in self._all_rules(policy):
            if rules.deadline is not None:
                raise self._complaint(
                    (*place, "deadline"),
                    message("a deadline needs a time zone"),
                    message('Write at the top whose days count, such as zone = "Europe/Berlin".'),
                )

    def _refuse_silence_about_lateness(self, policy: Policy) -> None:
        for place, rules in self._all_rules(policy):
            late = rules.late if rules.late is not None else policy.late
            if rules.deadline is not None and late is None:
                raise self._complaint(
                    (*place, "deadline"),
                    message("nothing says what it costs to be late"),
                    message(
                        "Write, for example: late = { per_day = 10, at_most = 50 }, or late = {} if "
                        "it costs nothing."
                    ),
                )

    def _refuse_wrong_extension(self, policy: Policy, extension: Extension, place: Place) -> None:
        names = [extension.lesson] if extension.lesson else [one.name for one in self._lessons]
        deadlines = [policy.rules(name).deadline for name in names]
        due = [deadline for deadline in deadlines if deadline is not None]
        if not due:
            raise self._complaint(
                place,
                message("there is no deadline that could be extended"),
                message("Give the lesson a deadline, or take the extension out."),
            )
        if extension.until is None:
            return
        zone = zoneinfo.ZoneInfo(policy.zone)
        until = in_zone(extension.until, zone).timestamp()
        if all(until <= in_zone(deadline, zone).timestamp() for deadline in due):
            raise self._complaint(
                (*place, "until"),
                message("the extension ends before the deadline"),
                message("Write a later date."),
            )

    def _all_rules(self, policy: Policy) -> Iterable[tuple[Place, Rules]]:
        yield (), policy
        for name, rules in policy.lessons.items():
            yield ("lessons", self._called[name]), rules

    # ---- How it complains.

    def _complaint(self, place: Place, what: Message, fix: Message) -> BrokenPolicy:
        return BrokenPolicy(self._path, line_of(self._text, place), what, fix)

    def _converted(self, table: dict[str, object], kind: type[T], place: Place) -> T:
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at ")
            inner = _keys(where, table, kind)
            if unknown := re.search(r"unknown field `(.+)`", what):
                fields = _fields_at(kind, inner)
                raise self._complaint(
                    (*place, *inner, unknown[1]),
                    message("a policy has no “{name}” here", name=unknown[1]),
                    _near(unknown[1], fields) if fields else _LOOK,
                ) from None
            named = [key for key in (*place, *inner) if key in _FIXES]
            fix = _FIXES[str(named[-1])] if named else _LOOK
            if missing := re.search(r"required field `(.+)`", what):
                fix = _FIXES.get(missing[1], _LOOK)
            field = verbatim(".".join(map(str, (*place, *inner))))
            raise self._complaint(
                (*place, *inner), message("{field}: {what}", field=field, what=what), fix
            ) from None


def _keys(where: str, table: dict[str, object], kind: type) -> Place:
    """Return the path that msgspec names, such as `$.late.per_day`, or `$.checks[...]`.

    It does not say which entry of a table `[...]` is: the first one that is wrong by itself.
    """
    keys: list[str | int] = []
    for name, number, any_entry in re.findall(r"\.(\w+)|\[(\d+)\]|(\[\.\.\.\])", where):
        if name:
            keys.append(name)
        elif number:
            keys.append(int(number))
        elif any_entry and (entry := _wrong_entry(table, keys, kind)):
            keys.append(entry)
    return tuple(keys)


def _wrong_entry(table: dict[str, object], keys: list[str | int], kind: type) -> str | None:
    if len(keys) != 1 or not isinstance(entries := table.get(str(keys[0])), dict):
        return None
    for name, value in entries.items():
        try:
            msgspec.convert({**table, str(keys[0]): {name: value}}, kind)
        except msgspec.ValidationError:
            return str(name)
    return None


def _fields_at(kind: type, keys: Place) -> list[str]:
    """Return the names that may stand in a struct, or in the struct that one of its fields is."""
    if not keys:
        return list(kind.__struct_fields__)  # type: ignore[attr-defined]
    for field in msgspec.structs.fields(kind):
        if field.name == keys[0]:
            return [name for one in _structs_in(field.type) for name in one.__struct_fields__]
    return []


def _structs_in(kind: object) -> list[type[msgspec.Struct]]:
    parts = getattr(kind, "__args__", (kind,))
    return [one for one in parts if isinstance(one, type) and issubclass(one, msgspec.Struct)]


def _near(wanted: str, names: Sequence[str]) -> Message:
    """Return a fix that names what was probably meant, else all that there is."""
    near = difflib.get_close_matches(wanted, names)
    if near:
        return message("Did you mean {names}?", names=", ".join(near))
    return message("There are: {names}.", names=", ".join(names))


def _near_zone(wanted: str) -> Message:
    zones = sorted(zoneinfo.available_timezones())
    city = wanted.rpartition("/")[2].replace(" ", "_").casefold()
    near = [zone for zone in zones if zone.rpartition("/")[2].casefold() == city]
    near += difflib.get_close_matches(wanted, zones)
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in zones if "/" in zone}
    near += [cities[one] for one in difflib.get_close_matches(city, cities)]
    if near:
        return message("Did you mean {names}?", names=", ".join(dict.fromkeys(near[:5])))
    return message("Write a name such as Europe/Berlin or Asia/Yekaterinburg.")
