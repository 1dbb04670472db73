"""The instructor's room: what it says about lessons is what the lessons say of themselves."""

import re
import tomllib
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import lesson_folders

DOCS = REPOSITORY / "docs"
LANGUAGES = ("en", "ru")
LESSONS = {folder.name: folder for folder in lesson_folders()}
PAGES = [(language, name) for language in LANGUAGES for name in LESSONS]
#: What stands around the title of a check.
QUOTES = {"en": "“”", "ru": "«»"}
#: Minutes before and after the lesson of an evening.
AROUND = 30


def text_of(language, page):
    return (DOCS / language / "teaching" / f"{page}.md").read_text(encoding="utf-8")


def section_of(language, page, anchor):
    """Return the text below a heading, to the next one of its rank."""
    text = text_of(language, page)
    heading = re.search(rf"^(#+) .*\{{ #{anchor} \}}$", text, re.MULTILINE)
    below = text[heading.end() :]
    return re.split(rf"^#{{1,{len(heading[1])}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows_of(text):
    """Return the rows of the tables in a text, as lists of their cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-: ")][1:]


def told_by(name, file):
    return tomllib.loads((LESSONS[name] / file).read_text(encoding="utf-8"))


def minutes_of(name):
    return told_by(name, "lesson.toml")["lesson"]["minutes"]


def lesson_in(cell):
    found = re.search(r"\]\((\w+)\.md\)", cell)
    return found and found[1] in LESSONS and found[1]


# ---- The plan.


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("plan", "lessons"), [("half-day", 3), ("day", 6)])
def test_a_plan_by_the_clock_adds_up(language, plan, lessons):
    rows = rows_of(section_of(language, "plan", plan))
    taught = 0
    for (time, what, minutes), (following, *_rest) in pairwise(rows):
        if name := lesson_in(what):
            taught += 1
            assert int(minutes) == minutes_of(name), what
        ends = datetime.strptime(time, "%H:%M") + timedelta(minutes=int(minutes))
        assert ends == datetime.strptime(following, "%H:%M"), f"{what} ends at {ends:%H:%M}"
    assert taught == lessons


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_evening_ends_when_it_says(language):
    rows = rows_of(section_of(language, "plan", "evenings"))
    assert [lesson_in(what) for _number, what, _minutes, _ends in rows] == list(LESSONS)
    for _number, what, minutes, ends in rows:
        assert int(minutes) == minutes_of(lesson_in(what))
        evening = datetime.strptime("19:00", "%H:%M") + timedelta(minutes=int(minutes) + AROUND)
        assert ends == f"{evening:%H:%M}", what


# ---- A page for each lesson.


def test_every_lesson_has_a_page():
    for language in LANGUAGES:
        found = {path.stem for path in (DOCS / language / "teaching").glob("[0-9]*.md")}
        assert found == set(LESSONS)


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_its_minutes_are_those_of_the_lesson(language, name):
    tasks = told_by(name, "lesson.toml")["tasks"]
    *rows, (_all, total) = rows_of(section_of(language, name, "minutes"))
    shown = dict(found for row in rows for found in _task_minutes(name, row))
    assert shown == {task["id"]: task["minutes"] for task in tasks}
    assert total == f"**{minutes_of(name)}**"
    assert sum(int(minutes) for _part, minutes in rows) == minutes_of(name)


def _task_minutes(name, row):
    part, minutes = row
    if found := re.search(rf"\(\.\./lessons/{name}\.md#(\w+)\)", part):
        yield found[1], int(minutes)


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_mistakes_to_show_are_there_with_the_check_that_catches_them(language, name):
    lesson = told_by(name, "lesson.toml")
    titles = {check["id"]: check["title"][language] for check in lesson["checks"]}
    mistakes = {each["id"]: each for each in told_by(name, "mistakes.toml")["mistakes"]}
    section = section_of(language, name, "mistakes")
    last = lesson["tasks"][-1]["id"]
    assert f"`{last}`" in section.partition("\n- ")[0]
    left, right = QUOTES[language]
    shown = re.findall(
        rf"^- \*\*`(\w+)`\*\*.*?→ {left}([^{right}]*){right}$", section, re.MULTILINE | re.DOTALL
    )
    assert len(shown) == section.count("\n- ") >= 3
    for identifier, title in shown:
        assert identifier in mistakes
        assert " ".join(title.split()) == titles[mistakes[identifier]["expected"]], identifier


@pytest.mark.parametrize("name", LESSONS)
def test_both_languages_show_the_same_mistakes(name):
    en, ru = (
        re.findall(r"^- \*\*`(\w+)`", section_of(language, name, "mistakes"), re.MULTILINE)
        for language in LANGUAGES
    )
    assert en == ru


# ---- Transfer exercises.


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_field_of_use_has_an_exercise_with_a_list(language):
    fields = (DOCS / language / "fields-of-use.md").read_text(encoding="utf-8")
    names = re.findall(r"^## .*\{ #(\w+) \}$", fields, re.MULTILINE)
    assert len(names) == 6
    for name in names:
        questions = re.findall(r"^- (.*)", section_of(language, "transfer", name), re.MULTILINE)
        assert len(questions) >= 5, name
