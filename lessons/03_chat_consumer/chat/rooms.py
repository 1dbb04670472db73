"""Rooms: which names people may give them, and which group each one is."""

import hashlib
import re

MAX_ROOM_NAME = 200

# A slash divides a path; the others end a line, or are control characters. Not `str.isprintable`: it
# refuses the joiners that some scripts and many emoji are made with.
_REFUSED_CHARACTERS = re.compile(r"[/\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_room_name(name):
    """Tell whether people may call a room that: 1 to 200 characters, not all blank, no slash."""
    if len(name) > MAX_ROOM_NAME or not name.strip():
        return False
    return not _REFUSED_CHARACTERS.search(name)


# --8<-- [start:group_name]
def group_name(room):
    """Return the group of a room: plain ASCII, under 100 characters, another one for each name."""
    digest = hashlib.sha256(room.encode()).hexdigest()
    return f"chat.{digest}"


# --8<-- [end:group_name]
