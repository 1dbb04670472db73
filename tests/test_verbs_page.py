"""The page of the verbs: it says what the program says, and no exit code goes untold."""

import ast

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.cli.command_line import VERBS, workshop_command
from channels_workshop.cli.verbs_page import write_verbs


def test_the_page_says_what_the_program_says():
    assert write_verbs(check=True) == [], "run: python3 workshop.py tables"


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_that_chooses_its_exit_code_says_what_it_means(name):
    """`Exit(…)` of anything but 0, in the verb's own function."""
    module = REPOSITORY / "src/channels_workshop/cli" / f"{name}.py"
    chooses = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("exceptions.Exit")
    }
    verb = workshop_command().get_command(None, name)
    assert bool(chooses) == bool(verb.epilog), chooses


@pytest.mark.parametrize("name", VERBS)
def test_each_option_says_what_it_does(name):
    verb = workshop_command().get_command(None, name)
    assert verb.help
    for parameter in verb.params:
        assert parameter.param_type_name == "argument" or parameter.help, parameter.name
