"""Frames: what a client may send, and how it is told that a frame was not understood."""

import json

MAX_FRAME_BYTES = 64 * 1024

DETAILS = {
    "bad_room": "A room name is one line of 1 to 200 characters.",
    "not_text": "Send text, not binary data.",
    "too_large": "A frame holds at most 64 KiB.",
    "not_json": "The frame is not JSON.",
    "not_object": 'The frame is not a JSON object such as {"message": "hello"}.',
    "no_message": 'The frame has no "message".',
    "not_string": 'The "message" is not a string.',
    "empty": "The message is empty.",
}


class BadFrame(Exception):
    """A client's frame that the agreement does not allow."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def error_frame(code):
    """Return the error frame for one of the codes in DETAILS, as a dictionary."""
    return {"type": "error", "code": code, "detail": DETAILS[code]}


def parse(text_data):
    """Return the JSON value in a client's frame; raise BadFrame if it holds none."""
    if text_data is None:
        raise BadFrame("not_text")
    if len(text_data.encode()) > MAX_FRAME_BYTES:
        raise BadFrame("too_large")
    try:
        return json.loads(text_data)
    except (ValueError, RecursionError):
        raise BadFrame("not_json") from None


def message_in(content):
    """Return the message in a JSON value; raise BadFrame if there is none to be had."""
    match content:
        case {"message": str(message)} if message.strip():
            return message
        case {"message": str()}:
            raise BadFrame("empty")
        case {"message": _}:
            raise BadFrame("not_string")
        case dict():
            raise BadFrame("no_message")
        case _:
            raise BadFrame("not_object")
