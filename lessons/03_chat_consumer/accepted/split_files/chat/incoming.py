"""Incoming frames: from whatever a client sends to a message, or to the problem with it."""

import json

from .problems import Problem

MAX_FRAME_BYTES = 64 * 1024


def read(text_data):
    """Return the message in a client's frame as a string, or the Problem that it has."""
    if text_data is None:
        return Problem.NOT_TEXT
    if len(text_data.encode()) > MAX_FRAME_BYTES:
        return Problem.TOO_LARGE
    try:
        frame = json.loads(text_data)
    except (ValueError, RecursionError):
        return Problem.NOT_JSON
    if not isinstance(frame, dict):
        return Problem.NOT_OBJECT
    if "message" not in frame:
        return Problem.NO_MESSAGE
    return _problem_with(frame["message"]) or frame["message"]


def _problem_with(message):
    if not isinstance(message, str):
        return Problem.NOT_STRING
    if not message.strip():
        return Problem.EMPTY
    return None
