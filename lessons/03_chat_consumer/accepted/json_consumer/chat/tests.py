"""The two steps from a client's frame to a message, tested without a consumer."""

import json

import pytest

from .frames import MAX_FRAME_BYTES, BadFrame, message_in, parse


def frame_of(size):
    """Return a valid frame of that many bytes."""
    return json.dumps({"message": "x" * (size - len('{"message": ""}'))})


def test_the_largest_frame_is_read():
    assert message_in(parse(frame_of(MAX_FRAME_BYTES))).startswith("xxx")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "not_text"),
        (frame_of(MAX_FRAME_BYTES + 1), "too_large"),
        ("", "not_json"),
        ("[" * 50_000, "not_json"),
    ],
)
def test_what_is_not_json_is_refused(text, code):
    with pytest.raises(BadFrame) as refusal:
        parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (["message"], "not_object"),
        ({"text": "hello"}, "no_message"),
        ({"message": None}, "not_string"),
        ({"message": " \n"}, "empty"),
    ],
)
def test_json_without_a_message_is_refused(content, code):
    with pytest.raises(BadFrame) as refusal:
        message_in(content)
    assert refusal.value.code == code
