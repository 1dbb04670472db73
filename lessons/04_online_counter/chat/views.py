"""The two pages: a lobby to choose a room, and the room itself."""

from django.shortcuts import render

from .frames import DETAILS
from .rooms import MAX_ROOM_NAME, is_room_name


def lobby(request):
    return render(request, "chat/lobby.html", {"max_length": MAX_ROOM_NAME})


# --8<-- [start:room]
def room(request, room):
    if not is_room_name(room):
        context = {"max_length": MAX_ROOM_NAME, "refused": DETAILS["bad_room"]}
        return render(request, "chat/lobby.html", context, status=400)
    # A session with nothing in it gets no cookie; with one, all tabs of a browser are one person.
    request.session.setdefault("has_chatted", True)
    return render(request, "chat/room.html", {"room": room})


# --8<-- [end:room]
