"""The chat, tested in process: no server, no socket, no browser.

Run them in the project's folder: `python -m pytest --ds=config.settings chat/tests.py`
"""

import json
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model

from accounts.refusal import UNAUTHORIZED
from accounts.tokens import create_token
from config.asgi import application

from . import presence
from .frames import MAX_FRAME_BYTES, BadFrame, read_message

# The whole application is tested, so the origin validator wants what a browser sends.
ORIGIN = (b"origin", b"http://localhost")

# Users and tokens are rows. `transaction=True`: a consumer reads them on a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def empty_layer():
    """Empty the channel layer: groups in memory outlive a test."""
    await get_channel_layer().flush()


# --8<-- [start:token_of]
@sync_to_async
def token_of(name):
    """Return a new token of the user with that name."""
    user, _ = get_user_model().objects.get_or_create(username=name)
    return create_token(user, 60)
    # --8<-- [end:token_of]


@pytest.fixture
async def join():
    """Return a coroutine function that opens a room as somebody; all tabs are closed at the end."""
    tabs = []

    async def join(room, name="alice"):
        path = f"/ws/chat/{quote(room, safe='')}/"
        authorization = f"Bearer {await token_of(name)}"
        headers = [ORIGIN, (b"authorization", authorization.encode())]
        tab = WebsocketCommunicator(application, path, headers=headers)
        accepted, _ = await tab.connect()
        assert accepted
        tabs.append(tab)
        return tab

    yield join
    for tab in tabs:
        if not tab.future.done():  # one that ended in an exception would raise it again
            await tab.disconnect()


async def said(tab):
    """Return the tab's next frame that is not a count."""
    while (frame := await tab.receive_json_from()).get("type") == "online_count":
        pass
    return frame


async def shown(tab):
    """Return the next count that the tab is shown, as (people, tabs)."""
    frame = await tab.receive_json_from()
    assert frame["type"] == "online_count"
    return frame["count"], frame["tabs"]


async def test_everyone_is_shown_the_count_the_newcomer_too(join):
    alice = await join("room")
    assert await shown(alice) == (1, 1)
    bob = await join("room", "bob")
    assert await shown(alice) == await shown(bob) == (2, 2)
    await bob.disconnect()
    assert await shown(alice) == (1, 1)


async def test_rooms_are_counted_apart(join):
    await join("a b")
    assert await shown(await join("a-b")) == (1, 1)


async def test_an_exception_is_a_way_to_leave(join):
    alice, unlucky = await join("room"), await join("room", "unlucky")
    assert [await shown(alice), await shown(alice)] == [(1, 1), (2, 2)]
    # `groups` is there in the in-memory layer alone: the members of each, in their order.
    ((_, address),) = get_channel_layer().groups.values()
    await get_channel_layer().send(address, {"type": "no.such.handler"})
    with pytest.raises(ValueError, match="No handler"):
        await unlucky.wait()
    assert await shown(alice) == (1, 1)


async def test_a_join_that_fails_is_not_counted(join, monkeypatch):
    async def fail(group, channel):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(get_channel_layer(), "group_add", fail)
        with pytest.raises(ConnectionError):
            await join("room")
    assert await shown(await join("room")) == (1, 1)


async def test_an_old_count_is_not_shown_after_a_newer_one(join):
    alice = await join("room")
    assert await shown(alice) == (1, 1)
    ((address,),) = get_channel_layer().groups.values()
    now = next(presence._changes)
    for people, at in [(3, now + 2), (2, now + 1), (4, now + 3)]:
        event = {"type": "online.count", "online": [people, people, at]}
        await get_channel_layer().send(address, event)
    assert [await shown(alice), await shown(alice)] == [(3, 3), (4, 4)]


async def test_tabs_of_one_user_are_one_person(join):
    first = await join("room")
    assert await shown(first) == (1, 1)
    second = await join("room")
    assert await shown(second) == (1, 2)
    bob = await join("room", "bob")
    assert await shown(bob) == (2, 3)
    await first.disconnect()
    assert await shown(bob) == (2, 2)


async def test_a_name_that_is_given_again_is_another_person(join):
    alice = await join("room")
    await get_user_model().objects.filter(username="alice").adelete()
    await join("room")
    assert [await shown(alice), await shown(alice)] == [(1, 1), (2, 2)]


async def test_a_stranger_is_not_counted(join):
    alice = await join("room")
    assert await shown(alice) == (1, 1)
    stranger = WebsocketCommunicator(application, "/ws/chat/room/", headers=[ORIGIN])
    await stranger.connect()
    assert (await stranger.receive_json_from())["code"] == "unauthorized"
    assert await stranger.receive_output() == {"type": "websocket.close", "code": UNAUTHORIZED}
    await join("room", "bob")
    assert await shown(alice) == (2, 2)


@pytest.mark.parametrize("room", ["комната", "чай и кофе", "my-room", "☕", "я" * 200])
async def test_everyone_in_the_room_gets_a_message_the_sender_too(join, room):
    alice, bob = await join(room), await join(room, "bob")
    await alice.send_json_to({"message": "привет"})
    assert await said(alice) == {"message": "привет", "user": "alice"}
    assert await said(bob) == {"message": "привет", "user": "alice"}


async def test_nobody_outside_the_room_gets_it(join):
    alice, stranger = await join("a b"), await join("a-b")
    await alice.send_json_to({"message": "for this room"})
    await said(alice)
    # `receive_nothing` is satisfied by a crashed consumer too. A message that has to arrive
    # shows more: the consumer lives, and nothing came before it.
    await stranger.send_json_to({"message": "sentinel"})
    assert (await said(stranger))["message"] == "sentinel"


async def test_messages_keep_the_order_of_their_sender(join):
    alice, bob = await join("room"), await join("room")
    for number in range(10):
        await alice.send_json_to({"message": str(number)})
    received = [(await said(bob))["message"] for _ in range(10)]
    assert received == [str(number) for number in range(10)]


async def test_who_leaves_is_out_of_the_group(join):
    tab = await join("room")
    layer = get_channel_layer()
    assert len(layer.groups) == 1
    await tab.disconnect()
    assert layer.groups == {}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"bytes_data": b'{"message": "hello"}'}, "not_text"),
        ({"text_data": "hello"}, "not_json"),
        ({"text_data": '{"message": ["hello"]}'}, "not_string"),
    ],
)
async def test_a_bad_frame_is_answered_to_its_sender_alone(join, frame, code):
    alice, bob = await join("room"), await join("room")
    await alice.send_to(**frame)
    answer = await said(alice)
    assert (answer["type"], answer["code"]) == ("error", code)
    # The connection is still usable, and Bob's first frame is the message.
    await alice.send_json_to({"message": "still here"})
    assert (await said(alice))["message"] == "still here"
    assert (await said(bob))["message"] == "still here"


async def test_a_client_chooses_neither_type_nor_user(join):
    alice = await join("room")
    await alice.send_json_to({"type": "websocket.disconnect", "message": "hello", "user": "bob"})
    assert await said(alice) == {"message": "hello", "user": "alice"}


async def test_a_refused_room_is_told_and_closed(join):
    tab = await join("\t")
    assert (await said(tab))["code"] == "bad_room"
    assert await tab.receive_output() == {"type": "websocket.close", "code": 4400}


# What needs no consumer is tested without one.
def frame_of(size):
    """Return a valid frame of that many bytes."""
    return json.dumps({"message": "x" * (size - len('{"message": ""}'))})


def test_the_largest_frame_is_read():
    assert read_message(frame_of(MAX_FRAME_BYTES)).startswith("xxx")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (frame_of(MAX_FRAME_BYTES + 1), "too_large"),
        ("[" * 50_000, "not_json"),
        ("[]", "not_object"),
        ("{}", "no_message"),
        ('{"message": null}', "not_string"),
        ('{"message": " \\n"}', "empty"),
    ],
)
def test_a_frame_without_a_message_is_refused(text, code):
    with pytest.raises(BadFrame) as refusal:
        read_message(text)
    assert refusal.value.code == code


def test_the_page_of_a_refused_room_says_why(client):
    response = client.get(f"/chat/{'x' * 201}/")
    assert response.status_code == 400
    assert "one line of 1 to 200 characters" in response.content.decode()
