"""Programs of a project: what they print is read, line by line, until they end."""

import re

import pytest

from channels_workshop.processes.children import CAN_FORK, FailedToStart
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.program import start_program

SAYS_AND_WAITS = """\
import os, sys
print("ready", os.environ["TEA"], *sys.argv[1:])
sys.stdin.readline()
print("on it goes")
sys.exit(3)
"""


@pytest.fixture(params=[True, False] if CAN_FORK else [False], ids=lambda forks: f"forks={forks}")
def start(request, tmp_path):
    started = []

    def start(text, *arguments):
        (tmp_path / "program.py").write_text(text, "utf-8")
        options = ServerOptions(environment={"TEA": "green"})
        command = ["program.py", *arguments]
        log = tmp_path / "log"
        started.append(start_program(tmp_path, command, options, log=log, forks=request.param))
        return started[-1]

    yield start
    for program in started:
        program.stop()


def test_a_program_waits_where_it_reads(start, tmp_path):
    program = start(SAYS_AND_WAITS, "one", "two")
    assert program.until(re.compile(r"^ready (\w+)"))[1] == "green"
    program.write_line()
    assert program.ended() == (3, "on it goes")
    assert (tmp_path / "log").read_text("utf-8") == "ready green one two\non it goes\n"


def test_what_ends_before_says_why_and_may_be_asked_again(start):
    program = start("1 / 0\n")
    with pytest.raises(FailedToStart, match="ZeroDivisionError"):
        program.until(re.compile("ready"))
    assert program.ended() == (1, "ZeroDivisionError: division by zero")
    assert program.ended() == (1, "ZeroDivisionError: division by zero")


def test_a_program_that_is_lost_has_no_exit_code(start):
    program = start("import os\nprint('last words', flush=True)\nos._exit(0)\n")
    code, _line = program.ended()
    assert code is None
