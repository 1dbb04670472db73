"""The two pages, a lobby to choose a room and the room itself; and tickets, to get into it."""

import re

from django.conf import settings
from django.http import HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.identity import create_ticket, identify_request
from accounts.refusal import UNAUTHORIZED_ERROR

from .frames import DETAILS, BadFrame, error, read_object
from .rooms import MAX_ROOM_NAME, is_room_name

# JSON can spell half a character, and no address can.
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def lobby(request):
    return render(request, "chat/lobby.html", {"max_length": MAX_ROOM_NAME})


def room(request, room):
    if not is_room_name(room):
        context = {"max_length": MAX_ROOM_NAME, "refused": DETAILS["bad_room"]}
        return render(request, "chat/lobby.html", context, status=400)
    return render(request, "chat/room.html", {"room": room})


@csrf_exempt
async def tickets(request):
    """Give whoever can say who they are a ticket for one room."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if "Authorization" in request.headers:
        return await give_ticket(request)
    # Protected before all else: nobody has been asked yet who they are.
    return await csrf_protect(give_ticket)(request)


async def give_ticket(request):
    known = await identify_request(request)
    if known is None:
        return JsonResponse(UNAUTHORIZED_ERROR, status=401)
    try:
        room = read_room(request.body)
    except BadFrame as refusal:
        return JsonResponse(error(refusal.code), status=400)
    answer = {"ticket": await create_ticket(*known, room), "expires_in": settings.TICKET_SECONDS}
    return JsonResponse(answer, status=201)


def read_room(body):
    """Return the room that is named in a request's body; raise BadFrame if there can be none."""
    room = read_object(body).get("room")
    if isinstance(room, str) and is_room_name(room) and not _HALF_A_CHARACTER.search(room):
        return room
    raise BadFrame("bad_room")
