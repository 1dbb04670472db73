"""Rooms: which names people may give them, and which group each one is."""

import hashlib

MAX_ROOM_NAME = 200


def is_room_name(name):
    """Tell whether people may call a room that: 1 to 200 printable characters, not all blank."""
    return len(name) <= MAX_ROOM_NAME and name.isprintable() and bool(name.strip())


# --8<-- [start:group_name]
def group_name(room):
    """Return the group of a room: plain ASCII, under 100 characters, another one for each name."""
    digest = hashlib.sha256(room.encode()).hexdigest()
    return f"chat.{digest}"


# --8<-- [end:group_name]
