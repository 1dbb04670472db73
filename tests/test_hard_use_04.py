"""Lesson 04 under hard use: what its agreement says holds while many come, talk, close and drop out.

The counts are right and the groups empty afterwards, whatever was going on.
"""

import asyncio
from collections import Counter

import pytest

from channels_workshop.chat_checks.counter import Crowd, hang_up_in_the_handshake
from channels_workshop.chat_checks.watched import DOOR, NO_PING, OVERLAY, SETTINGS, Watched
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

TWENTY, LONG_TALK = 20, 120
PEOPLE, QUICK = 5, 40
HANDSHAKES = 200
ROOM = "tea"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hard_use")
    write_project(find_lesson("04"), folder / "project", files=OVERLAY)
    with Supervisor() as supervisor:
        options = ServerOptions(SETTINGS, migrate=True, in_front=DOOR, ping_interval=NO_PING)
        server = supervisor.serve(folder / "project", folder / "log", options)
        yield server
        server.stop()


@pytest.fixture
async def scene(server):
    """People before the server, and its channel layer; nobody is left there afterwards."""
    client, patience = Client(server, Timeline()), Patience()
    watched = Watched(server, patience)
    yield Crowd(client), watched
    await client.leave()
    await watched.become()
    await watched.close()


async def test_twenty_drop_and_twenty_close_while_one_talks(scene):
    crowd, watched = scene
    ann = await crowd.join(ROOM, "ann")
    others = [await crowd.join(ROOM, f"person {n}") for n in range(2 * TWENTY)]
    await ann.comes_to_see(2 * TWENTY + 1, 2 * TWENTY + 1)

    async def go():
        for close, drop in zip(others[::2], others[1::2], strict=True):
            drop.drop()
            await close.leave()

    going = asyncio.create_task(go())
    for number in range(LONG_TALK):
        await ann.says_and_hears(f"{number}")
    await going
    await ann.comes_to_see(1, 1)
    await watched.become(1)
    await ann.leave()


async def test_five_people_send_forty_quick_messages_each(scene):
    crowd, _watched = scene
    people = [await crowd.join(ROOM, f"person {n}") for n in range(PEOPLE)]
    for person in people:
        await person.settle()
    texts = [[f"{who} {number}" for number in range(QUICK)] for who in range(PEOPLE)]

    async def talk(person, own):
        for text in own:
            await person.say(text)

    async def listen(person):
        heard = Counter()
        while len(heard) < PEOPLE * QUICK:
            text = (await person.next(None)).text
            heard.update([text] if not text.endswith("is here") else [])
        return heard

    *_, first, second, third, fourth, fifth = await asyncio.gather(
        *(talk(person, own) for person, own in zip(people, texts, strict=True)),
        *(listen(person) for person in people),
    )
    once = Counter(text for own in texts for text in own)
    assert [first, second, third, fourth, fifth] == [once] * PEOPLE
    for person in people:
        await person.comes_to_see(PEOPLE, PEOPLE)
        await person.leave()


async def test_handshakes_are_broken_off(scene, server):
    crowd, watched = scene
    ann = await crowd.join(ROOM, "ann")
    await asyncio.gather(
        *(hang_up_in_the_handshake(server, ROOM, answered=n % 2 == 0) for n in range(HANDSHAKES))
    )
    await ann.says_and_hears("still here")
    await watched.become(1)
    await ann.comes_to_see(1, 1)
    assert "Traceback" not in server.log_since(0)
    await ann.leave()


async def test_what_a_layer_does_wrong_is_over_when_it_is_back(scene):
    crowd, watched = scene
    ann = await crowd.join(ROOM, "ann")
    await ann.settle()
    async with watched.failing("group_add", "group_send", "group_discard"):
        for n in range(TWENTY):
            try:
                await crowd.join(ROOM, f"unlucky {n}")
            except Exception:  # refused, or closed: as the server likes
                continue
    bob = await crowd.join(ROOM, "bob")
    for person in (bob, ann):
        await person.comes_to_see(2, 2)
    await watched.become(2)
    for person in (bob, ann):
        await person.leave()
