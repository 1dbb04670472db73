"""The chat, tested in process: no server, no socket, no browser.

Run them in the project's folder: `python -m pytest --ds=config.settings chat/tests.py`
"""

import json
from urllib.parse import quote

import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from config.asgi import application

from .frames import MAX_FRAME_BYTES, BadFrame, read_message

# The whole application is tested, so the origin validator wants what a browser sends.
ORIGIN = (b"origin", b"http://localhost")


# --8<-- [start:empty_layer]
@pytest.fixture(autouse=True)
async def empty_layer():
    """Empty the channel layer: groups in memory outlive a test."""
    await get_channel_layer().flush()
    # --8<-- [end:empty_layer]


# --8<-- [start:join_fixture]
@pytest.fixture
async def join():
    """Return a coroutine function that opens a room as one more tab; all are closed at the end."""
    tabs = []

    async def join(room):
        path = f"/ws/chat/{quote(room, safe='')}/"
        tab = WebsocketCommunicator(application, path, headers=[ORIGIN])
        accepted, _ = await tab.connect()
        assert accepted
        tabs.append(tab)
        return tab

    yield join
    for tab in tabs:
        await tab.disconnect()
    # --8<-- [end:join_fixture]


# --8<-- [start:group_test]
@pytest.mark.parametrize("room", ["комната", "чай и кофе", "my-room", "☕", "я" * 200])
async def test_everyone_in_the_room_gets_a_message_the_sender_too(join, room):
    alice, bob = await join(room), await join(room)
    await alice.send_json_to({"message": "привет"})
    assert await alice.receive_json_from() == {"message": "привет"}
    assert await bob.receive_json_from() == {"message": "привет"}
    # --8<-- [end:group_test]


# --8<-- [start:silence_test]
async def test_nobody_outside_the_room_gets_it(join):
    alice, stranger = await join("a b"), await join("a-b")
    await alice.send_json_to({"message": "for this room"})
    await alice.receive_json_from()
    # `receive_nothing` is satisfied by a crashed consumer too. A message that has to arrive
    # shows more: the consumer lives, and nothing came before it.
    await stranger.send_json_to({"message": "sentinel"})
    assert await stranger.receive_json_from() == {"message": "sentinel"}
    # --8<-- [end:silence_test]


async def test_messages_keep_the_order_of_their_sender(join):
    alice, bob = await join("room"), await join("room")
    for number in range(10):
        await alice.send_json_to({"message": str(number)})
    received = [await bob.receive_json_from() for _ in range(10)]
    assert received == [{"message": str(number)} for number in range(10)]


async def test_who_leaves_is_out_of_the_group(join):
    tab = await join("room")
    layer = get_channel_layer()
    assert len(layer.groups) == 1  # `groups` is there in the in-memory layer alone
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
    answer = await alice.receive_json_from()
    assert (answer["type"], answer["code"]) == ("error", code)
    # The connection is still usable, and Bob's first frame is the message.
    await alice.send_json_to({"message": "still here"})
    assert await alice.receive_json_from() == {"message": "still here"}
    assert await bob.receive_json_from() == {"message": "still here"}


async def test_a_client_does_not_choose_the_type(join):
    alice = await join("room")
    await alice.send_json_to({"type": "websocket.disconnect", "message": "hello"})
    assert await alice.receive_json_from() == {"message": "hello"}


async def test_a_refused_room_is_told_and_closed(join):
    tab = await join("\t")
    assert (await tab.receive_json_from())["code"] == "bad_room"
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
