"""`manage.py` commands in a process that has Django imported already."""

import sys

import pytest

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.management import Ran, run_commands

WAYS = [False, True] if sys.platform == "linux" else [False]


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    write_project(find_lesson("04"), folder)
    return folder


@pytest.mark.parametrize("forks", WAYS)
def test_commands_are_run_one_after_the_other(project, forks):
    told = "import os; print(os.environ['TEA'], os.environ.get('HOME'), os.getcwd())"
    commands = [["migrate", "-v0"], ["no_such_command"], ["shell", "-v0", "-c", told]]
    migrated, unknown, environment = run_commands(project, commands, {"TEA": "green"}, forks=forks)
    assert migrated == Ran(0)
    assert (project / "db.sqlite3").is_file()
    assert (unknown.exit_code, unknown.printed) == (1, "")
    assert "no_such_command" in unknown.errors
    assert environment.printed.split() == ["green", "None", str(project.resolve())]


def test_an_exception_is_told_and_the_next_command_is_run(project):
    failing, fine = run_commands(project, [["shell", "-v0", "-c", "1 / 0"], ["check"]])
    assert failing.exit_code == 1
    assert "ZeroDivisionError" in failing.errors
    assert fine.exit_code == 0


def test_a_process_that_is_lost_takes_the_rest_with_it(project):
    lost = ["shell", "-v0", "-c", "import os; os._exit(7)"]
    assert run_commands(project, [lost, ["check"]]) == [Ran(None), Ran(None)]
