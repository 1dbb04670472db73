"""What the page "Testing" says about communicators.

Which sentence each proof belongs to stands in `testing.toml`; `tests/test_statements.py` runs this file
in a process of its own, because Django's settings are global.
"""

import asyncio
import multiprocessing
from unittest import mock

import pytest
from proving import proof, report, use_project

use_project("03_chat_consumer")

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.testing import (  # noqa: E402
    ChannelsLiveServerTestCase,
    WebsocketCommunicator,
    live,
)
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.db.utils import ConnectionHandler  # noqa: E402

from config.asgi import application  # noqa: E402


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "fail":
            raise ZeroDivisionError
        await self.send(text_data)


async def tab_of(consumer=Echo):
    tab = WebsocketCommunicator(consumer.as_asgi(), "/")
    assert await tab.connect() == (True, None)
    return tab


@proof
async def a_receive_in_vain_ends_the_consumer():
    tab = await tab_of()
    with pytest.raises(asyncio.TimeoutError):
        await tab.receive_from()
    assert tab.future.cancelled()
    started = asyncio.get_running_loop().time()
    tab = await tab_of()
    with pytest.raises(asyncio.TimeoutError):
        await tab.receive_from()
    assert asyncio.get_running_loop().time() - started >= 0.9  # it waited for that second


@proof
async def the_next_receive_raises_what_the_consumer_raised():
    tab = await tab_of()
    await tab.send_to(text_data="fail")
    with pytest.raises(ZeroDivisionError):
        await tab.receive_from()


@proof
async def each_communicator_has_an_outbox_of_its_own():
    ann, bob = await tab_of(), await tab_of()
    for text in ("one", "two"):
        await ann.send_to(text_data=text)
    await bob.send_to(text_data="three")
    assert await bob.receive_from() == "three"
    assert await ann.receive_from() == "one"
    await ann.disconnect()  # "two" was never read
    await bob.disconnect()


@proof
async def disconnect_has_run_when_it_returns():
    codes = []

    class Leaving(Echo):
        async def disconnect(self, code):
            codes.append(code)

    tab = await tab_of(Leaving)
    assert codes == []
    await tab.disconnect()
    assert codes == [1000]


@proof
async def a_refusal_has_no_status_in_a_communicator():
    headers = [(b"origin", b"http://evil.example")]
    tab = WebsocketCommunicator(application, "/ws/chat/tea/", headers=headers)
    assert await tab.connect() == (False, 1000)


@proof
async def the_live_server_of_channels_is_daphne_in_another_process():
    assert issubclass(ChannelsLiveServerTestCase.ProtocolServerProcess, multiprocessing.Process)
    assert ChannelsLiveServerTestCase.ProtocolServerProcess.__module__ == "daphne.testing"
    in_memory = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    )
    with mock.patch.object(live, "connections", in_memory):
        with pytest.raises(ImproperlyConfigured, match="in memory"):
            await asyncio.to_thread(ChannelsLiveServerTestCase.setUpClass)


if __name__ == "__main__":
    report()
