"""A lesson more: one folder, two pages and its statements; no other file is touched by hand."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY

NAME = "07_dashboard"
LESSON = Path(__file__).with_name("lesson_07")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the repository that has a lesson 07."""
    checkout = tmp_path_factory.mktemp("checkout") / "workshop"
    kept = ["src", "lessons", "docs", "tests/statements", "mkdocs.yml", "mkdocs.ru.yml"]
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.sqlite3")
    for name in [*kept, "README.md", "README.ru.md"]:
        source, copy = REPOSITORY / name, checkout / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=ignore)
        else:
            shutil.copy(source, copy)
    shutil.copytree(LESSON / "lesson", checkout / "lessons" / NAME)
    for language in ("en", "ru"):
        page = checkout / "docs" / language / "lessons" / f"{NAME}.md"
        shutil.copy(LESSON / f"page.{language}.md", page)
    for path in LESSON.glob("statements/*"):
        shutil.copy(path, checkout / "tests" / "statements")
    return checkout


def run(checkout, *arguments, code=0):
    """Run a verb of that checkout and return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "channels_workshop", *arguments],
        cwd=checkout,
        env=os.environ
        | {
            "PYTHONPATH": str(checkout / "src"),
            "PYTHONIOENCODING": "utf-8",
            "WORKSHOP_LANG": "en",
            "WORKSHOP_WORKSPACE": str(checkout / "workspace"),
        },
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def test_it_is_listed_started_and_checked(checkout):
    lessons = json.loads(run(checkout, "list", "--json"))["lessons"]
    assert [lesson["lesson"] for lesson in lessons][-1] == NAME
    run(checkout, "start", "7")
    verdict = json.loads(run(checkout, "check", "7", "--json", code=1))
    assert (verdict["status"], verdict["score"]) == ("fail", 0)
    failure = verdict["checks"][0]["failure"]
    assert failure["expected"] == "the dashboard shows the newest reading"
    consumer = checkout / "workspace" / NAME / "dashboard" / "consumers.py"
    shutil.copy(checkout / "lessons" / NAME / "dashboard" / "consumers.py", consumer)
    verdict = json.loads(run(checkout, "check", "7", "--json"))
    assert (verdict["status"], verdict["score"]) == ("pass", verdict["max_score"])


@pytest.mark.slow
def test_it_speaks_russian(checkout):
    verdict = json.loads(
        run(checkout, "--lang", "ru", "check", "7", "--json", "--target", _broken(checkout), code=1)
    )
    failure = verdict["checks"][0]["failure"]
    assert failure["expected"] == "дашборд показывает последнее значение"


def _broken(checkout):
    """Return a copy of the lesson's project that answers everything with nothing."""
    folder = checkout / "broken" / NAME
    shutil.copytree(checkout / "lessons" / NAME, folder)
    consumers = folder / "dashboard" / "consumers.py"
    text = consumers.read_text(encoding="utf-8")
    answer = '{"newest": reading, "highest": self.highest}'
    assert answer in text
    consumers.write_text(text.replace(answer, "{}"), encoding="utf-8")
    return str(folder)


@pytest.mark.slow
def test_its_checks_are_proved(checkout):
    proof = json.loads(run(checkout, "verify", "7", "--json"))
    (lesson,) = proof["lessons"]
    assert proof["ok"], proof
    assert [mistake["caught_by"] for mistake in lesson["mistakes"]] == [
        ["shows_the_newest"],
        ["shows_the_highest"],
    ]


@pytest.mark.slow
def test_tables_and_site_show_it(checkout):
    run(checkout, "tables", "--check", code=1)
    run(checkout, "tables")
    run(checkout, "tables", "--check")
    for readme, title in (("README.md", "A dashboard"), ("README.ru.md", "Дашборд")):
        row = rf"\| \[07\]\(lessons/{NAME}/README\.md\) \| {title} \| .* \| 20 \|"
        assert re.search(row, (checkout / readme).read_text(encoding="utf-8"))
    for language, configuration in (("en", "mkdocs.yml"), ("ru", "mkdocs.ru.yml")):
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", configuration]
        built = subprocess.run(
            [*command, "-d", str(checkout / "site" / language)],
            cwd=checkout,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            encoding="utf-8",
        )
        assert built.returncode == 0, built.stderr
        home = (checkout / "site" / language / "index.html").read_text(encoding="utf-8")
        assert f"lessons/{NAME}/" in home


@pytest.mark.slow
def test_its_statements_are_found_and_true(checkout):
    proofs = checkout / "tests" / "statements" / "lesson_07.py"
    ran = subprocess.run(
        [sys.executable, str(proofs)],
        env=os.environ | {"PYTHONPATH": str(checkout / "src")},
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"json_comes_as_a_dictionary": None}
