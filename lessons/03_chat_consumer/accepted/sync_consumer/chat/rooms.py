"""Rooms: which names people may give them, and which group each one is."""

import uuid
from unicodedata import category

MAX_ROOM_NAME = 200
# Control characters, line and paragraph separators.
NOT_ONE_LINE = {"Cc", "Zl", "Zp"}

ROOMS = uuid.UUID("6b1f0c86-9f0f-4f0e-8f7d-2a4c3f9f6c11")


def is_room_name(name):
    """Tell whether people may call a room that: 1 to 200 characters, not all blank, one line."""
    one_line = not any(category(character) in NOT_ONE_LINE for character in name)
    return len(name) <= MAX_ROOM_NAME and one_line and bool(name.strip())


def group_name(room):
    """Return the group of a room: the name-based UUID of its name, the same in every process."""
    return f"room-{uuid.uuid5(ROOMS, room)}"
