"""Rooms: which names people may give them, and which group each one is."""

from hashlib import sha3_256
from unicodedata import category

MAX_ROOM_NAME = 200
# Control characters, line and paragraph separators.
NOT_ONE_LINE = {"Cc", "Zl", "Zp"}


def is_room_name(name):
    """Tell whether people may call a room that: 1 to 200 characters, not all blank, one line."""
    one_line = not any(category(character) in NOT_ONE_LINE for character in name)
    return len(name) <= MAX_ROOM_NAME and one_line and bool(name.strip())


def group_of(room):
    """Return the group of a room: plain ASCII, under 100 characters, another one for each name."""
    return "rooms." + sha3_256(room.encode()).hexdigest()
