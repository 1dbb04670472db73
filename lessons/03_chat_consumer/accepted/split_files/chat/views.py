"""The two pages: a lobby to choose a room, and the room itself."""

from django.shortcuts import render

from .problems import Problem
from .rooms import MAX_ROOM_NAME, is_room_name


def lobby(request):
    return render(request, "chat/lobby.html", {"max_length": MAX_ROOM_NAME})


def room(request, room):
    if not is_room_name(room):
        context = {"max_length": MAX_ROOM_NAME, "refused": Problem.BAD_ROOM.value}
        return render(request, "chat/lobby.html", context, status=400)
    return render(request, "chat/room.html", {"room": room})
