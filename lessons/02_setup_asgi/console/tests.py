"""The project's two sides, tested in process: no server, no socket, no browser.

Run them in the project's folder: `python -m pytest --ds=config.settings console/tests.py`
"""

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.staticfiles import finders

from config.asgi import application

from .consumers import EchoConsumer

OWN_PAGE = [(b"origin", b"http://localhost:8000")]


async def test_the_echo_sends_back_what_it_is_sent():
    # The consumer alone: no route and no guard in between.
    tab = WebsocketCommunicator(EchoConsumer.as_asgi(), "/")
    await tab.connect()
    text, binary = '{"message": "hello', b"\x00\xff"
    await tab.send_to(text_data=text)
    assert await tab.receive_from() == text
    await tab.send_to(bytes_data=binary)
    assert await tab.receive_from() == binary
    await tab.disconnect()


async def test_the_own_page_comes_in():
    tab = WebsocketCommunicator(application, "/ws/echo/", headers=OWN_PAGE)
    accepted, _ = await tab.connect()
    assert accepted
    await tab.disconnect()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([(b"origin", b"http://elsewhere.example")], id="foreign"),
        pytest.param([(b"origin", b"http://localhost.example")], id="begins alike"),
        pytest.param([(b"origin", b"http://not-localhost")], id="ends alike"),
        pytest.param([(b"origin", b"null")], id="null"),
        pytest.param([], id="missing"),
    ],
)
@pytest.mark.parametrize("path", ["/ws/echo/", "/ws/nowhere/"])
async def test_everybody_else_stays_out(path, headers):
    tab = WebsocketCommunicator(application, path, headers=headers)
    accepted, _ = await tab.connect()
    assert not accepted


@pytest.mark.parametrize("path", ["/ws/nowhere/", "/ws/echo", "/ws/echo/more/", "/"])
async def test_a_path_that_leads_nowhere_says_so(path):
    tab = WebsocketCommunicator(application, path, headers=OWN_PAGE)
    accepted, _ = await tab.connect()
    assert accepted
    assert await tab.receive_output() == {"type": "websocket.close", "code": 4404}


def test_http_still_goes_to_django(client):
    assert client.get("/").status_code == 200
    assert client.get("/ws/echo/").status_code == 404


def test_the_page_finds_its_files():
    for name in ["console/console.css", "console/console.js"]:
        assert finders.find(name)
