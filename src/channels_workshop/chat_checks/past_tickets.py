"""Tickets that somebody was really given, and that let in nobody any more, or nobody here."""

from ..judging.some import Some
from .accounts import Door, Shown, deleting, making_inactive, revoking
from .credentials import written

_ENDS = {"revoked": revoking, "made inactive": making_inactive, "deleted": deleting}


async def past_tickets(door: Door, late: Door, some: Some) -> list[tuple[Door, str, Shown]]:
    """Return one of each kind, with the door and the room at which it is to be shown.

    `late` is the door of a server whose tickets have expired when they are made. Each server may
    keep its tickets in memory.
    """
    room = some.name()
    spent, of_another_room = await door.ticket(room), await door.ticket(some.name())
    await door.knock(room, _shown("a ticket", spent), some.text())
    tickets = [
        (door, room, _shown("the same ticket again", spent)),
        (door, room, _shown("a ticket for another room", of_another_room)),
        (late, room, _shown("a ticket, TICKET_SECONDS=0", await late.ticket(room))),
    ]
    users = {f"{some.word()}, {how}": end for how, end in _ENDS.items()}
    names = {user: user.replace(", ", "-") for user in users}
    tokens = door.accounts.new_tokens(*names.values())
    for user, token in zip(users, tokens, strict=True):
        ticket = await door.ticket(room, [("Authorization", f"Bearer {token}")])
        tickets.append((door, room, _shown(f"a ticket of {user}", ticket)))
    door.accounts.run([end(names[user]) for user, end in users.items()])
    return tickets


def _shown(what: str, ticket: str) -> Shown:
    return Shown(what, query=written("ticket={}", ticket))
