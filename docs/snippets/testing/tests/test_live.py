"""What only a real connection shows."""

# --8<-- [start:live]
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

pytestmark = pytest.mark.django_db(transaction=True)


def open_tab(server, origin="http://localhost"):
    return connect(f"ws://{server}/ws/chat/tea/", origin=origin, proxy=None)


async def test_another_site_is_refused(server):
    with pytest.raises(InvalidStatus) as refused:
        await open_tab(server, origin="http://evil.example")
    assert refused.value.response.status_code == 403


async def test_a_lost_connection_is_not_counted(server):
    async with open_tab(server) as ann:
        assert json.loads(await ann.recv())["tabs"] == 1
        async with open_tab(server) as bob:
            assert json.loads(await ann.recv())["tabs"] == 2
            bob.transport.abort()  # no close frame: the network is gone
        assert json.loads(await ann.recv())["tabs"] == 1
        # --8<-- [end:live]


async def test_an_empty_frame_is_answered(server):
    async with open_tab(server) as ann:
        await ann.recv()
        await ann.send("")
        assert json.loads(await ann.recv())["code"] == "not_json"
