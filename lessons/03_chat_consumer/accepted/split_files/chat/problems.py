"""What can be wrong with a room's name or a client's frame."""

from enum import Enum


class Problem(Enum):
    """A reason to refuse; the value is what the person is told."""

    BAD_ROOM = "A room name is one line of 1 to 200 characters."
    NOT_TEXT = "Send text, not binary data."
    TOO_LARGE = "A frame holds at most 64 KiB."
    NOT_JSON = "The frame is not JSON."
    NOT_OBJECT = 'The frame is not a JSON object such as {"message": "hello"}.'
    NO_MESSAGE = 'The frame has no "message".'
    NOT_STRING = 'The "message" is not a string.'
    EMPTY = "The message is empty."

    @property
    def code(self):
        """The code in the error frame."""
        return self.name.lower()
