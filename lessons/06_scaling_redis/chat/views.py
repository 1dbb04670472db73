"""The two pages, a lobby to choose a room and the room itself; and tickets, to get into it."""

import re

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts.identity import identify_request
from accounts.refusal import UNAUTHORIZED_ERROR
from accounts.tickets import create_ticket

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


# --8<-- [start:tickets]
@csrf_exempt
@require_POST
async def tickets(request):
    """Give whoever can say who they are a ticket for one room."""
    user = await identify_request(request)
    if user is None:
        return JsonResponse(UNAUTHORIZED_ERROR, status=401)
    # A foreign page can have a browser send its cookies, but no `Authorization`: so it is the
    # session that needs protection.
    by_token = "Authorization" in request.headers
    give = give_ticket if by_token else csrf_protect(give_ticket)
    return await give(request, user)


async def give_ticket(request, user):
    try:
        room = read_room(request.body)
    except BadFrame as refusal:
        return JsonResponse(error(refusal.code), status=400)
    except RequestDataTooBig:  # for which Django would answer with a page
        return JsonResponse(error("too_large"), status=400)
    ticket = await create_ticket(user, room)
    return JsonResponse({"ticket": ticket, "expires_in": settings.TICKET_SECONDS}, status=201)


# --8<-- [end:tickets]


def read_room(body):
    """Return the room that is named in a request's body; raise BadFrame if there can be none."""
    room = read_object(body).get("room")
    if isinstance(room, str) and is_room_name(room) and not _HALF_A_CHARACTER.search(room):
        return room
    raise BadFrame("bad_room")
