"""The modules that need no consumer, tested without one."""

import json

import pytest

from .frames import refusal
from .incoming import MAX_FRAME_BYTES, read
from .problems import Problem
from .rooms import group_of


def frame_of(size):
    """Return a valid frame of that many bytes."""
    return json.dumps({"message": "x" * (size - len('{"message": ""}'))})


def test_the_largest_frame_is_read():
    assert read(frame_of(MAX_FRAME_BYTES)).startswith("xxx")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, Problem.NOT_TEXT),
        (frame_of(MAX_FRAME_BYTES + 1), Problem.TOO_LARGE),
        ("[" * 50_000, Problem.NOT_JSON),
        ('"message"', Problem.NOT_OBJECT),
        ("{}", Problem.NO_MESSAGE),
        ('{"message": null}', Problem.NOT_STRING),
        ('{"message": " \\n"}', Problem.EMPTY),
    ],
)
def test_a_frame_without_a_message_has_a_problem(text, problem):
    assert read(text) is problem


def test_a_refusal_names_the_problem():
    frame = json.loads(refusal(Problem.NOT_STRING))
    assert (frame["type"], frame["code"]) == ("error", "not_string")


def test_names_that_differ_are_different_groups():
    names = ["a b", "a-b", "a_b", "чай", "я" * 200]
    assert len({group_of(name) for name in names}) == len(names)
