"""Rooms: which names people may give them, and which group each one is."""

from base64 import b32encode
from hashlib import blake2s
from unicodedata import category

MAX_ROOM_NAME = 200
# Control characters, line and paragraph separators.
NOT_ONE_LINE = {"Cc", "Zl", "Zp"}


def is_room_name(name):
    """Tell whether people may call a room that: 1 to 200 characters, not all blank, one line."""
    one_line = not any(category(character) in NOT_ONE_LINE for character in name)
    return len(name) <= MAX_ROOM_NAME and one_line and bool(name.strip())


def group_name(room):
    """Return the group of a room: 32 letters and digits, another one for each name."""
    digest = blake2s(room.encode(), digest_size=20).digest()
    return b32encode(digest).decode("ascii")
