"""Errors of servers, deployment and tests."""

import asyncio
import logging
import os
import socket
import threading

from channels.generic.websocket import AsyncWebsocketConsumer

from channels_workshop.processes.ports import free_port
from playground import project, served


# --8<-- [start:address-in-use]
def address_in_use():
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        uvicorn.run(AsyncWebsocketConsumer.as_asgi(), port=port, log_config=None, lifespan="off")


# --8<-- [end:address-in-use]


# --8<-- [start:disallowed-host]
async def disallowed_host():
    import httpx

    project(
        ALLOWED_HOSTS=["chat.example"], MIDDLEWARE=["django.middleware.common.CommonMiddleware"]
    )
    from django.core.asgi import get_asgi_application

    async with served(get_asgi_application()) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url.replace("ws:", "http:"))
        print(f"client: HTTP {answer.status_code}")


# --8<-- [end:disallowed-host]


# --8<-- [start:invalid-http]
async def invalid_http():
    project()
    async with served(AsyncWebsocketConsumer.as_asgi()) as url:
        host, port = url.removeprefix("ws://").rstrip("/").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x16\x03\x01 what a browser says first over https")
        print("client:", (await reader.readline()).decode().strip())
        writer.close()


# --8<-- [end:invalid-http]


# --8<-- [start:took-too-long]
def took_too_long():
    from daphne.server import Server

    async def application(scope, receive, send):
        started.set()
        await asyncio.Event().wait()  # goes on when the client has gone

    def visit():
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /slow/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            started.wait()

    started, port = threading.Event(), free_port()
    server = Server(
        application,
        endpoints=[f"tcp:{port}:interface=127.0.0.1"],
        application_close_timeout=0.1,  # 10 s, if it is not said
        ready_callable=lambda: threading.Thread(target=visit).start(),
    )
    logging.getLogger("daphne.server").addFilter(stop_after_the_warning)
    server.run()


# --8<-- [end:took-too-long]


def stop_after_the_warning(record):
    """Stop daphne once it has said what it has to say."""
    from twisted.internet import reactor

    if record.levelno >= logging.WARNING:
        reactor.callLater(0, reactor.stop)
    return record.levelno >= logging.WARNING


# --8<-- [start:database-not-allowed]
def database_not_allowed():
    test = "def test_it():\n    from django.contrib.auth.models import User\n    User.objects.count()\n"
    run_tests(test, "-p", "pytest_django.plugin")


# --8<-- [end:database-not-allowed]


# --8<-- [start:async-test]
def async_test():
    run_tests("async def test_it():\n    pass\n")


# --8<-- [end:async-test]


def run_tests(text, *plugins):
    """Run one test in a folder of its own; print what pytest says of its failure."""
    import pathlib
    import tempfile

    import pytest

    project()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "test_it.py")
        path.write_text(text)

        class Said:
            @staticmethod
            def pytest_runtest_logreport(report):
                if report.failed:
                    print(report.longrepr.reprcrash.message)

        options = ["-p", "no:cacheprovider", "-p", "no:terminal"]
        pytest.main([*options, *plugins, f"--rootdir={folder}", str(path)], plugins=[Said()])


# --8<-- [start:nothing-received]
async def nothing_received():
    from channels.testing import WebsocketCommunicator

    project()
    tab = WebsocketCommunicator(AsyncWebsocketConsumer.as_asgi(), "/")
    await tab.connect()
    await tab.receive_from(timeout=0.1)  # the consumer says nothing


# --8<-- [end:nothing-received]


# --8<-- [start:wrong-frame]
async def wrong_frame():
    from channels.testing import WebsocketCommunicator

    project()

    class Closing(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.close(code=4400)

    tab = WebsocketCommunicator(Closing.as_asgi(), "/")
    await tab.connect()
    await tab.send_to(text_data="hello")
    await tab.receive_from()


# --8<-- [end:wrong-frame]
