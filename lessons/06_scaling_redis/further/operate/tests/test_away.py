"""Task `away`: Redis goes, and the chat says so; whoever is in stays in."""

import asyncio
import os

from channels_workshop.chat_checks.accounts import Door, Shown, bearer
from channels_workshop.chat_checks.chat import Error, is_closed_with
from channels_workshop.judging.mismatch import agreed, expect, given
from channels_workshop.judging.origins import FOREIGN, MISSING
from many_processes import talk_again
from operating import is_told_to_come_later
from scenes import SOON

RESTARTED = 1012
BAD_FRAMES = [
    (b'{"message": "x"}', "not_text"),
    ("x" * 65_537, "too_large"),
    ("{", "not_json"),
    ("[]", "not_object"),
    ("{}", "no_message"),
    ('{"message": 7}', "not_string"),
    ('{"message": " \\n"}', "empty"),
]
REFUSED = [" ", "x" * 201, "a\nb"]
ELSEWHERE = ["/ws/chat/tea", "/ws/", "/ws/chat/a/b/", "/"]


async def test_newcomer_is_told(outage, some):
    room, process = some.name(), outage.process("one")
    ann = await process.arrives(room, "ann")
    outage.begins()
    for _again in range(2):
        for where, user in [(room, "bob"), (some.name(), "eve"), (room, "ann")]:
            await is_told_to_come_later(process, where, user)
    together = (is_told_to_come_later(process, room, f"guest {n}") for n in range(6))
    await asyncio.gather(*together)
    await _is_still_connected(ann)


async def test_refused_as_ever(outage, accounts, some):
    room, process = some.name(), outage.process("one")
    door, good = Door(process.visitor, accounts), bearer(accounts.token("ann"))
    outage.begins()
    for origin in [*FOREIGN, MISSING]:
        await door.turns_away(room, Shown("ann", good), origin)
    for stranger in [
        Shown("a stranger"),
        Shown("an unknown token", bearer("x" * 43)),
        Shown("an unknown ticket", query="ticket=x"),
    ]:
        await door.refuses(room, stranger, some.text())
    for name in REFUSED:
        with given(name):
            refused = await process.join(name, "ann")
            await refused.gets_error("bad_room")
            await is_closed_with(refused.connection, 4400)
    for path in ELSEWHERE:
        with given(path):
            tab = await process.visitor.connect(path, who="ann", headers=good)
            await is_closed_with(tab, 4404)


async def test_sender_is_told(outage, some):
    room = some.name()
    one, other = outage.process("one"), outage.process("other")
    ann, bob = await one.arrives(room, "ann"), await one.arrives(room, "bob")
    eve = await other.arrives(room, "eve")
    await ann.says_and_hears(text := some.text())
    for person in (bob, eve):
        await person.heard(text)
    outage.begins()
    for frame, code in BAD_FRAMES:
        with agreed("A4"):
            await ann.say(some.text())
            await ann.gets_error("unavailable")
        with agreed("A3"), given(frame):
            await ann.send(frame)
            await ann.gets_error(code)
    for person in (bob, eve):
        with agreed("A3"):
            await _is_still_connected(person)


async def test_pages_as_ever(outage, accounts, some):
    room, process = some.name(), outage.process("one")
    door = Door(process.visitor, accounts)
    outage.begins()
    for path, status in [("/", 200), (f"/chat/{room}/", 200), ("/chat/%20/", 400)]:
        response = await process.visitor.get(path)
        expect(f"GET {path}: HTTP {status}", f"GET {path}: HTTP {response.status_code}")
    for _each in range(2):
        await door.ticket(room)


async def test_works_again(outage, some, lesson):
    room = some.name()
    one, other = outage.process("one"), outage.process("other")
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    eve = await one.arrives(room, "eve")
    await ann.comes_to_see(3, 3)
    outage.begins()
    await ann.say(some.text())
    await _handled_all(ann)
    # Newcomers come for so long that every heartbeat has found Redis away.
    begun = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < begun + SOON:
        for process in (one, other):
            await is_told_to_come_later(process, room, "dan")
    await eve.leave()
    outage.ends()
    await talk_again(ann, bob, some, lesson)
    await talk_again(bob, ann, some, lesson)
    for process, user in [(one, "ida"), (other, "una")]:
        newcomer = await process.arrives(room, user)
        await newcomer.say(text := some.text())
        for person in (ann, bob):
            await person.heard(text)
    for person in (ann, bob):
        await person.comes_to_see(4, 4)


async def _handled_all(person):
    """Wait until what was sent before has been handled, whatever came of it."""
    await person.send("{")
    while await person.next(Error("not_json")) != Error("not_json"):
        pass


async def _is_still_connected(person):
    """Raise Mismatch unless the next frame is the answer to one that takes no Redis."""
    with given("{"):
        await person.send("{")
        await person.gets_error("not_json")


async def test_ends_politely(one, before, servers, some):
    room = some.name()
    ann = await one.arrives(room, "ann")
    ending = servers.another("ending")
    try:
        leaving = before(ending)
        people = [await leaving.arrives(room, user) for user in ("bob", "eve")]
        await ann.comes_to_see(3, 3)
        if os.name != "posix":  # nobody can be asked to end
            return
        ending.process.terminate()
        for person in people:
            await is_closed_with(person.connection, RESTARTED)
        await ann.comes_to_see(1, 1)
    finally:
        ending.stop()
