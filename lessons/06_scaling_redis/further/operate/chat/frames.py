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
    "unavailable": "The chat is not available just now. Try again later.",
    "not_written": "This part of the lesson is not written yet.",
}


class BadFrame(Exception):
    """A client's frame that the agreement does not allow."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def error(code):
    """Return the error object for one of the codes in DETAILS."""
    return {"type": "error", "code": code, "detail": DETAILS[code]}


def error_frame(code):
    """Return the JSON text of that object."""
    return json.dumps(error(code))


def message_frame(message, user):
    """Return the JSON text of the frame that brings a message, and tells who said it."""
    return json.dumps({"message": message, "user": user})


def count_frame(people, tabs):
    """Return the JSON text of the frame that tells how many people are here, in how many tabs."""
    return json.dumps({"type": "online_count", "count": people, "tabs": tabs})


def announcement_frame(text):
    """Return the JSON text of the frame that brings what came from outside of the chat."""
    return json.dumps({"type": "announcement", "text": text})


def read_object(text):
    """Return the JSON object in `text`, str or bytes; raise BadFrame if it is none."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):  # RecursionError: brackets nested by the thousand
        raise BadFrame("not_json") from None
    if not isinstance(content, dict):
        raise BadFrame("not_object")
    return content


def read_message(text_data):
    """Return the message in a client's frame; raise BadFrame if there is none to be had."""
    if text_data is None:
        raise BadFrame("not_text")
    if len(text_data.encode()) > MAX_FRAME_BYTES:
        raise BadFrame("too_large")
    frame = read_object(text_data)
    if "message" not in frame:
        raise BadFrame("no_message")
    message = frame["message"]
    if not isinstance(message, str) or not is_unicode(message):
        raise BadFrame("not_string")
    if not message.strip():
        raise BadFrame("empty")
    return message


def is_unicode(text):
    """Tell whether it can be encoded: half of a surrogate pair, "\\ud83d" in JSON, can not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
