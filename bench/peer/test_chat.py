"""The peer of `bench check`: three communicator tests, as the Channels documentation has them."""

import json

import pytest
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator

from config.asgi import application

HEADERS = [(b"origin", b"http://localhost"), (b"host", b"localhost")]


@pytest.fixture(autouse=True)
def fresh_groups():
    channel_layers.backends.clear()


def tab(room):
    return WebsocketCommunicator(application, f"/ws/chat/{room}/", headers=HEADERS)


async def test_accepts():
    ann = tab("tea")
    connected, _ = await ann.connect()
    assert connected
    await ann.disconnect()


async def test_hears_itself():
    ann = tab("tea")
    await ann.connect()
    await ann.send_to(text_data=json.dumps({"message": "hello"}))
    assert json.loads(await ann.receive_from()) == {"message": "hello"}
    await ann.disconnect()


async def test_answers_garbage():
    ann = tab("tea")
    await ann.connect()
    await ann.send_to(text_data="{")
    assert json.loads(await ann.receive_from())["code"] == "not_json"
    await ann.disconnect()
