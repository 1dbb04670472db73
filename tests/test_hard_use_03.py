"""Lesson 03 under hard use: what its agreement says holds while many come, talk, close and drop out."""

import asyncio
import random

import pytest

from channels_workshop.chat_checks import promises
from channels_workshop.chat_checks.chat import Chat
from channels_workshop.chat_checks.client_frames import say
from channels_workshop.chat_checks.counter import hang_up_in_the_handshake
from channels_workshop.chat_checks.talk import Room
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.groups import DOOR, OVERLAY, SETTINGS, Groups
from channels_workshop.judging.some import Some
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

TWENTY, LONG_TALK = 20, 120
PEOPLE, QUICK = 5, 40
# As many messages under way at once as the agreement has room for.
MOST_PEOPLE, MOST_EACH = 10, 50
HANDSHAKES = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hard_use")
    write_project(find_lesson("03"), folder / "project", files=OVERLAY)
    with Supervisor() as supervisor:
        options = ServerOptions(settings=SETTINGS, in_front=DOOR)
        server = supervisor.serve(folder / "project", folder / "log", options)
        yield server
        server.stop()


@pytest.fixture
async def scene(server):
    """How to join, and the groups; nobody is left in one afterwards, and nothing was raised."""
    client = Client(server, Timeline())
    groups = Groups(client)
    yield Chat(client).join, groups
    await client.leave()
    await groups.become()
    await groups.close()
    assert "Traceback" not in server.log_since(0)


@pytest.fixture
def some():
    return Some(random.Random(3))


async def test_twenty_drop_and_twenty_close_while_one_talks(scene, some):
    join, groups = scene
    room = Room(join, some)
    ann, *others = await room.enter("ann", *(f"person {n}" for n in range(2 * TWENTY)))
    await groups.become(2 * TWENTY + 1)

    async def go():
        for close, drop in zip(others[::2], others[1::2], strict=True):
            drop.drop()
            await close.leave()

    going = asyncio.create_task(go())
    for number in range(LONG_TALK):
        await ann.say(f"{number}")
    for number in range(LONG_TALK):
        await ann.until(f"{number}")
    await going
    await groups.become(1)


@pytest.mark.parametrize(("people", "each"), [(PEOPLE, QUICK), (MOST_PEOPLE, MOST_EACH)])
async def test_quick_messages_all_arrive(scene, some, people, each):
    join, _groups = scene
    room = Room(join, some)
    everybody = await room.enter(*(f"person {n}" for n in range(people)))
    await room.exchange(
        {person: [say(f"{n} {some.word()}") for n in range(each)] for person in everybody}
    )


async def test_handshakes_are_broken_off(scene, server, some):
    join, groups = scene
    room = Room(join, some)
    (ann,) = await room.enter("ann")
    await asyncio.gather(
        *(
            hang_up_in_the_handshake(server, room.name, answered=n % 2 == 0)
            for n in range(HANDSHAKES)
        )
    )
    await room.exchange({ann: [say("still here")]})
    await groups.become(1)


async def test_who_says_something_and_is_gone(scene, some):
    join, groups = scene
    room = Room(join, some)
    await room.enter("ann", "bob")
    for number in range(TWENTY):
        (guest,) = await room.enter(f"guest {number}")
        for _ in range(3):
            await room.say(guest, some.text())
        if number % 2:
            room.drop(guest)
        else:
            await room.leave(guest)
    await room.hear()
    await groups.become(2)


async def test_comings_and_goings_again_and_again(scene, some):
    join, _groups = scene
    await asyncio.gather(*(promises.comings_and_goings(join, some) for _ in range(5)))
