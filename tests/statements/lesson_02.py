"""What the pages of lesson 02 say about Channels, Django, uvicorn and daphne, proved by running it.

Which sentence each proof belongs to stands in `lesson_02.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import http.client
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from proving import REPOSITORY, lines_printed_by, proof, report, serving, use_project

use_project("02_setup_asgi")

import httpx  # noqa: E402
import uvicorn  # noqa: E402
from channels.exceptions import DenyConnection  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from daphne.checks import check_daphne_installed  # noqa: E402
from daphne.management.commands.runserver import Command as Runserver  # noqa: E402
from daphne.management.commands.runserver import get_default_application  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import CommandError, call_command, get_commands  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from channels_workshop.processes.supervised import start_supervised, stop_supervised  # noqa: E402
from config.asgi import application, django_application  # noqa: E402
from config.not_found import NotFoundConsumer  # noqa: E402
from console.consumers import EchoConsumer  # noqa: E402

PROJECT = REPOSITORY / "lessons" / "02_setup_asgi"
SNIPPETS = REPOSITORY / "docs" / "snippets" / "02_setup_asgi"
STATIC_FILE = "/static/console/console.css"
ELSEWHERE = "http://elsewhere.example"
SECONDS = 15


async def knock(url, **options):
    """Return the HTTP status of the handshake: 101 where it is accepted."""
    try:
        async with connect(url, **options):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


async def close_code(url, send=None, **options):
    """Return the code with which the server ends a connection, after a frame where one is given."""
    async with connect(url, **options) as tab:
        with contextlib.suppress(ConnectionClosed):
            if send is not None:
                await tab.send(send)
            while True:
                await tab.recv()
        return tab.close_code


async def echo(host):
    """Return what the echo at `host` makes of a text and of a binary frame."""
    async with connect(f"ws://{host}/ws/echo/", origin=f"http://{host}") as tab:
        await tab.send("text")
        await tab.send(b"\x00\xff")
        return [await tab.recv(), await tab.recv()]


async def get(address):
    """Return the HTTP status of a GET."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(address)).status_code


def routed(*routes):
    """Return an application of WebSocket routes alone."""
    return ProtocolTypeRouter({"websocket": URLRouter(routes)})


@contextlib.asynccontextmanager
async def own_uvicorn(application, **options):
    """Serve with a uvicorn that is configured otherwise or stopped by the proof; give it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_config=None, lifespan="off", **options)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield server, f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class LogLines(list):
    """The messages of a logger, while it is a context."""

    def __init__(self, name):
        super().__init__()
        self.logger = logging.getLogger(name)
        self.handler = logging.Handler()
        self.handler.emit = lambda record: self.append(record.getMessage())

    def __enter__(self):
        self.logger.addHandler(self.handler)
        return self

    def __exit__(self, *_exception):
        self.logger.removeHandler(self.handler)


# ---- Programs in processes of their own, in the project's folder


def environment(**extra):
    return os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"} | extra


async def output_of(program, **extra):
    """Run a program to its end and return all that it printed."""
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
    )
    return run.stdout


def manage(*command, first):
    """Return the program that runs a `manage.py` command after the lines `first`."""
    return f"""
import sys
sys.path.insert(0, "")
from django.conf import settings
{first}
from django.core.management import execute_from_command_line
execute_from_command_line({["manage.py", *command]!r})
"""


RUNSERVER = ("runserver", "--noreload", "127.0.0.1:0")
#: Django's own `runserver` does not say which free port it has taken.
TELL_THE_PORT = """
from django.core.management.commands.runserver import Command
class Telling(Command.server_cls):
    def server_activate(self):
        super().server_activate()
        print("Listening on TCP address 127.0.0.1:%d" % self.server_port)
Command.server_cls = Telling
"""
DAPHNE_FIRST = """
settings.INSTALLED_APPS = ["daphne", *settings.INSTALLED_APPS, "django.contrib.contenttypes"]
"""
TELL_THE_PORT_OF_DAPHNE = """
import logging
logging.basicConfig()
logging.getLogger("daphne.server").setLevel("INFO")
"""
_LISTENING = re.compile(r"Listening on TCP address (127\.0\.0\.1:\d+)")


@contextlib.asynccontextmanager
async def running(program, **extra):
    """Run a program that serves; give its `host:port` once it listens, and what it prints."""
    process = start_supervised(
        [sys.executable, "-c", program],
        folder=PROJECT,
        environment=environment(**extra),
        output=subprocess.PIPE,
    )
    loop = asyncio.get_running_loop()
    lines, host = [], loop.create_future()

    def read():
        for line in io.TextIOWrapper(process.stdout, encoding="utf-8"):
            lines.append(line)
            if found := _LISTENING.search(line):
                loop.call_soon_threadsafe(host.set_result, found[1])
        loop.call_soon_threadsafe(host.cancel)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        yield await host, lines
    except asyncio.CancelledError:
        raise AssertionError("".join(lines)) from None
    finally:
        await asyncio.to_thread(stop_supervised, process)
        await asyncio.to_thread(reading.join)


# ---- One application, two protocols


@proof
async def an_application_is_called_once_for_a_connection():
    seen = []

    async def noting(scope, receive, send):
        seen.append(scope["type"])
        await application(scope, receive, send)

    async with serving(noting) as (host, _):
        await get(f"http://{host}/")
        await echo(host)
    assert seen == ["http", "websocket"]


@proof
async def django_alone_knows_http_only():
    async with serving(get_asgi_application()) as (host, log):
        assert await get(f"http://{host}/") == 200
        assert await knock(f"ws://{host}/ws/echo/") == 500
    assert log.lines() == [
        "ValueError: Django can only handle ASGI/HTTP connections, not websocket."
    ]


@proof
async def the_echo_answers_text_with_text_and_binary_with_binary():
    async with serving(application) as (host, _):
        assert await echo(host) == ["text", b"\x00\xff"]


@proof
async def a_consumer_accepts_unless_it_says_otherwise():
    assert "connect" not in vars(EchoConsumer)
    async with serving(routed(path("", EchoConsumer.as_asgi()))) as (host, _):
        assert await knock(f"ws://{host}/") == 101


@proof
async def a_handshake_is_an_http_request():
    text = (SNIPPETS / "handshake.sh").read_text(encoding="utf-8")
    headers = dict(line.split(": ", 1) for line in re.findall(r'-H "(.*)"', text))
    assert "http://127.0.0.1:8000/ws/echo/" in text

    def answer(host, **changed):
        connection = http.client.HTTPConnection(host, timeout=SECONDS)
        sent = {**headers, "Origin": f"http://{host}", **changed}
        connection.request("GET", "/ws/echo/", headers=sent)
        response = connection.getresponse()
        connection.close()
        return response.status, response.reason

    async with serving(application) as (host, _):
        assert await asyncio.to_thread(answer, host) == (101, "Switching Protocols")
        stranger = await asyncio.to_thread(answer, host, Origin=ELSEWHERE)
        assert stranger == (403, "Forbidden")


# ---- Close codes


class Failing(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        raise ZeroDivisionError


@proof
async def an_exception_is_1006_from_uvicorn():
    async with serving(routed(path("", Failing.as_asgi()))) as (host, _):
        assert await close_code(f"ws://{host}/", send="go") == 1006


@proof
async def an_unanswered_ping_is_1011_from_uvicorn():
    echo_alone = routed(path("", EchoConsumer.as_asgi()))
    async with own_uvicorn(echo_alone, ws_ping_interval=0.1, ws_ping_timeout=0.1) as (_, host):
        # A browser answers pings by itself, and so does a library: only bare bytes do not.
        reader, writer = await asyncio.open_connection(*host.split(":"))
        handshake = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        lines = ["GET / HTTP/1.1", *(f"{name}: {value}" for name, value in handshake.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert b"101 Switching Protocols" in await reader.readuntil(b"\r\n\r\n")
        opcode, payload = None, b""
        while opcode != 0x88:  # the close frame
            opcode, length = await reader.readexactly(2)
            payload = await reader.readexactly(length)
        assert int.from_bytes(payload[:2]) == 1011
        writer.close()


@proof
async def a_stopping_uvicorn_says_1012():
    async with (
        own_uvicorn(routed(path("", EchoConsumer.as_asgi()))) as (server, host),
        connect(f"ws://{host}/") as tab,
    ):
        server.should_exit = True
        with contextlib.suppress(ConnectionClosed):
            await tab.recv()
        assert tab.close_code == 1012


@proof
async def a_close_before_accept_is_a_403_without_the_code():
    class Early(AsyncWebsocketConsumer):
        async def connect(self):
            await self.close(4404)

    async with serving(routed(path("", Early.as_asgi()))) as (host, _):
        assert await knock(f"ws://{host}/") == 403
    async with serving(routed(path("", NotFoundConsumer.as_asgi()))) as (host, _):
        assert await close_code(f"ws://{host}/") == 4404


# ---- Which server serves what


@proof
async def the_runserver_of_django_has_no_websocket():
    async with running(manage(*RUNSERVER, first=TELL_THE_PORT)) as (host, lines):
        assert await get(f"http://{host}/") == 200
        assert await get(f"http://{host}{STATIC_FILE}") == 200
        assert await knock(f"ws://{host}/ws/echo/", origin=f"http://{host}") == 404
    assert any("Not Found: /ws/echo/" in line for line in lines)


# An entry point with the imports in the wrong order, whose consumer uses a model.
CARELESS = """
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.contenttypes.models import ContentType
from django.core.asgi import get_asgi_application
from django.urls import path

from console.consumers import EchoConsumer


class Failing(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        raise ZeroDivisionError


routes = [path("ws/echo/", EchoConsumer.as_asgi()), path("ws/failing/", Failing.as_asgi())]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter(routes)}
)
"""


@contextlib.contextmanager
def careless_module():
    """Give a folder in which `careless.py` is that entry point."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "careless.py").write_text(CARELESS, encoding="utf-8")
        yield folder


@proof
async def the_runserver_of_daphne_serves_all_and_hides_the_order():
    first = DAPHNE_FIRST + 'settings.ASGI_APPLICATION = "careless.application"'
    first += TELL_THE_PORT_OF_DAPHNE
    with careless_module() as folder:
        program = manage(*RUNSERVER, first=first)
        async with running(program, PYTHONPATH=folder) as (host, _):
            assert await get(f"http://{host}/") == 200
            assert await get(f"http://{host}{STATIC_FILE}") == 200
            assert await echo(host) == ["text", b"\x00\xff"]
            # Empty frames are dropped on their way out.
            async with connect(f"ws://{host}/ws/echo/", origin=f"http://{host}") as tab:
                for frame in ("", b"", "text"):
                    await tab.send(frame)
                assert await tab.recv() == "text"
            # Under daphne an exception has a close code.
            assert await close_code(f"ws://{host}/ws/failing/", send="go") == 1011


@proof
async def models_need_the_apps_first():
    with careless_module() as folder:
        named, unnamed = await asyncio.gather(
            output_of("import careless", PYTHONPATH=folder),
            output_of(
                "import os; del os.environ['DJANGO_SETTINGS_MODULE']; import careless",
                PYTHONPATH=folder,
            ),
        )
    assert "AppRegistryNotReady: Apps aren't loaded yet." in named
    assert "Requested setting INSTALLED_APPS, but settings are not configured." in unnamed


@proof
async def the_settings_are_named_before_the_apps_are_loaded():
    program = (PROJECT / "config" / "asgi.py").read_text(encoding="utf-8")
    line = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'
    assert line in program
    unnamed = "import os; del os.environ['DJANGO_SETTINGS_MODULE']\n"
    too_late = await output_of(unnamed + program.replace(line, "") + line)
    assert "Requested setting LOGGING_CONFIG, but settings are not configured." in too_late
    assert await output_of(unnamed + program) == ""
    assert line.strip() in (PROJECT / "manage.py").read_text(encoding="utf-8")


@proof
async def what_asgi_application_may_not_be():
    for setting, name in [("config.asgi", "asgi"), ("config.asgi:application", "asgi:application")]:
        told = await output_of(
            "from django.conf import settings\n"
            f"settings.ASGI_APPLICATION = {setting!r}\n"
            "from channels.routing import get_default_application\n"
            "get_default_application()"
        )
        assert f"Cannot find {name!r} in ASGI_APPLICATION module config\n" in told
    with override_settings(ASGI_APPLICATION="config.wsgi.application"):
        try:
            get_default_application()({"type": "http"}, None, None)
        except TypeError as error:
            assert "WSGIHandler.__call__() takes 3 positional arguments" in str(error)
        else:
            raise AssertionError("it could be called")
    with tempfile.TemporaryDirectory() as folder:
        text = "from config.settings import *\nfrom config.asgi import application\n"
        (Path(folder) / "circle.py").write_text(text, encoding="utf-8")
        told = await output_of(
            "import config.asgi", PYTHONPATH=folder, DJANGO_SETTINGS_MODULE="circle"
        )
    assert (
        "cannot import name 'application' from partially initialized module 'config.asgi'" in told
    )


@proof
async def a_misspelt_app_is_no_module():
    told = await output_of(
        "from django.conf import settings\n"
        "settings.INSTALLED_APPS = ['consol']\n"
        "import django; django.setup()"
    )
    assert told.endswith("ModuleNotFoundError: No module named 'consol'\n")


@proof
async def an_app_stands_in_the_list_once():
    told = await output_of(
        "from django.conf import settings\n"
        "settings.INSTALLED_APPS = ['console', 'console.apps.ConsoleConfig']\n"
        "import django; django.setup()"
    )
    assert (
        "django.core.exceptions.ImproperlyConfigured: "
        "Application labels aren't unique, duplicates: console"
    ) in told


@proof
async def daphne_stands_before_staticfiles():
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "daphne"]):
        (error,) = check_daphne_installed(None)
    assert error.id == "daphne.E001"
    assert error.msg == (
        "Daphne must be listed before django.contrib.staticfiles in INSTALLED_APPS."
    )


@proof
async def daphne_wants_the_name_of_the_application():
    with override_settings():
        del settings.ASGI_APPLICATION
        assert complaint_of(call_command, Runserver()) == (
            "You have not set ASGI_APPLICATION, which is needed to run the server."
        )
    with override_settings(ASGI_APPLICATION="config.asgi.aplication"):
        assert complaint_of(get_default_application) == (
            "Cannot find 'aplication' in ASGI_APPLICATION module config.asgi"
        )
    with override_settings(ASGI_APPLICATION="config.agsi.application"):
        assert complaint_of(get_default_application) == (
            "Cannot import ASGI_APPLICATION module 'config.agsi'"
        )


def complaint_of(function, *arguments):
    """Return the text of the complaint about the settings that a call ends in."""
    try:
        function(*arguments)
    except (CommandError, ImproperlyConfigured) as error:
        return str(error)
    raise AssertionError("no complaint")


@proof
async def uvicorn_does_not_read_asgi_application():
    with override_settings():
        del settings.ASGI_APPLICATION
        async with serving(application) as (host, _):
            assert await echo(host) == ["text", b"\x00\xff"]


@proof
async def without_a_library_uvicorn_has_no_websocket():
    told = await output_of(
        "import sys; sys.modules.update(websockets=None, wsproto=None)\n"
        "from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol as protocol\n"
        "print(protocol)"
    )
    assert told == "None\n"
    with LogLines("uvicorn.error") as lines:
        async with own_uvicorn(application, ws="none") as (_, host):
            assert await get(f"http://{host}/") == 200
            assert await knock(f"ws://{host}/ws/echo/", origin=f"http://{host}") == 404
    assert any("No supported WebSocket library detected." in line for line in lines)


@proof
async def static_files_need_the_handler_under_uvicorn():
    async with serving(get_asgi_application()) as (host, _):
        assert await get(f"http://{host}{STATIC_FILE}") == 404
    async with serving(django_application) as (host, _):
        assert await get(f"http://{host}{STATIC_FILE}") == 200


# ---- What `channels` in INSTALLED_APPS does


@proof
async def channels_in_the_apps_brings_one_command():
    program = """
import sys
sys.path.insert(0, "")
import asyncio, json
from django.conf import settings
settings.INSTALLED_APPS = ["django.contrib.staticfiles", "console"]
from config.asgi import application
from channels.testing import WebsocketCommunicator
from django.core.management import get_commands
async def echo():
    origin = [(b"origin", b"http://localhost")]
    tab = WebsocketCommunicator(application, "/ws/echo/", headers=origin)
    await tab.connect()
    await tab.send_to(text_data="still here")
    return await tab.receive_from()
print(json.dumps([asyncio.run(echo()), sorted(get_commands())]))
"""
    answer, commands = json.loads(await output_of(program))
    assert answer == "still here"
    assert set(get_commands()) - set(commands) == {"runworker"}


@proof
async def an_unlisted_app_has_no_templates():
    browser = Client(raise_request_exception=False, headers={"host": "localhost"})
    assert browser.get("/").status_code == 200
    with override_settings(INSTALLED_APPS=["django.contrib.staticfiles"]):
        answer = browser.get("/")
    assert answer.status_code == 500
    assert "TemplateDoesNotExist" in answer.content.decode()


# ---- Routing


@proof
async def without_an_http_key_every_page_is_a_500():
    async with serving(routed(path("ws/echo/", EchoConsumer.as_asgi()))) as (host, log):
        assert await get(f"http://{host}/") == 500
    assert log.lines() == ["ValueError: No application configured for scope type 'http'"]


@proof
async def the_key_for_websocket_is_spelled_out():
    unsorted = ProtocolTypeRouter({"ws": URLRouter([path("", EchoConsumer.as_asgi())])})
    async with serving(unsorted) as (host, log):
        assert await knock(f"ws://{host}/") == 500
    assert log.lines() == ["ValueError: No application configured for scope type 'websocket'"]


@proof
async def a_path_without_a_route_is_a_500():
    async with serving(routed(path("ws/echo/", EchoConsumer.as_asgi()))) as (host, log):
        assert await knock(f"ws://{host}/ws/nowhere/") == 500
    assert log.lines() == ["ValueError: No route found for path 'ws/nowhere/'."]


@proof
async def the_first_route_that_fits_is_taken():
    echo_route = path("ws/echo/", EchoConsumer.as_asgi())
    rest = re_path(r"", NotFoundConsumer.as_asgi())
    async with serving(routed(echo_route, rest)) as (host, _):
        assert await knock(f"ws://{host}/ws/echo/") == 101
        for other in ("ws/echo", "ws/echo/more/", "", "чай/"):
            assert await close_code(f"ws://{host}/{other}") == 4404
    async with serving(routed(rest, echo_route)) as (host, _):
        assert await close_code(f"ws://{host}/ws/echo/") == 4404


@proof
async def only_the_empty_expression_fits_everything():
    nowhere = NotFoundConsumer.as_asgi()
    for route, missed in [
        (path("<str:name>/", nowhere), "a/b/"),
        (path("<path:rest>", nowhere), ""),
        (re_path(r"^[\w/]*$", nowhere), "a.b-c/"),
    ]:
        async with serving(routed(route)) as (host, _):
            assert await close_code(f"ws://{host}/a/") == 4404
            assert await knock(f"ws://{host}/{missed}") == 500


@proof
async def a_slash_in_front_fits_nothing():
    routes = [path("/ws/echo/", EchoConsumer.as_asgi()), re_path(r"", NotFoundConsumer.as_asgi())]
    async with serving(routed(*routes)) as (host, _):
        assert await close_code(f"ws://{host}/ws/echo/") == 4404


@proof
async def a_list_of_routes_is_no_application():
    unrouted = ProtocolTypeRouter({"websocket": [path("", EchoConsumer.as_asgi())]})
    async with serving(unrouted) as (host, log):
        assert await knock(f"ws://{host}/") == 500
    assert log.lines() == ["TypeError: 'list' object is not callable"]


@proof
async def a_handshake_waits_for_accept():
    class Silent(AsyncWebsocketConsumer):
        async def connect(self):
            heard.set()

    heard = asyncio.Event()
    async with serving(routed(path("", Silent.as_asgi()))) as (host, _):
        waiting = asyncio.create_task(knock(f"ws://{host}/"))
        await heard.wait()
        # Another one comes and goes meanwhile.
        assert await knock(f"ws://{host}/nowhere/") == 500
        assert not waiting.done()
        waiting.cancel()


@proof
async def an_empty_frame_is_not_none():
    class Careless(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            if text_data:
                await self.send(text_data=text_data)
            else:
                await self.send(bytes_data=bytes_data)

    async with serving(routed(path("", Careless.as_asgi()))) as (host, log):
        assert await close_code(f"ws://{host}/", send="") == 1006
    assert log.lines() == ["ValueError: You must pass one of bytes_data or text_data"]


@proof
async def a_consumer_class_is_no_application():
    async with serving(routed(path("ws/echo/", EchoConsumer))) as (host, log):
        assert await knock(f"ws://{host}/ws/echo/") == 500
    (told,) = log.lines()
    assert told in (
        "TypeError: object EchoConsumer can't be used in 'await' expression",
        "TypeError: 'EchoConsumer' object can't be awaited",  # since Python 3.14
    )


@proof
async def binary_is_handed_over_as_bytes_data():
    class TextOnly(AsyncWebsocketConsumer):
        async def receive(self, text_data):
            await self.send(text_data)

    async with serving(routed(path("", TextOnly.as_asgi()))) as (host, log):
        assert await close_code(f"ws://{host}/", send=b"\x00") == 1006
    assert "got an unexpected keyword argument 'bytes_data'" in str(log.exceptions[0])


# ---- The origin


@proof
async def without_a_guard_any_page_connects():
    seen = []

    async def noting(scope, receive, send):
        seen.append(dict(scope["headers"]))
        await EchoConsumer.as_asgi()(scope, receive, send)

    async with serving(noting) as (host, _):
        cookie = {"Cookie": "sessionid=of-the-victim"}
        assert await knock(f"ws://{host}/", origin=ELSEWHERE, additional_headers=cookie) == 101
    assert seen[0][b"cookie"] == b"sessionid=of-the-victim"
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@proof
async def the_guard_turns_away_all_but_the_own_hosts():
    async with serving(application) as (host, _):
        for origin in (ELSEWHERE, "http://127.0.0.1.example", "null", None):
            for url in (f"ws://{host}/ws/echo/", f"ws://{host}/ws/nowhere/"):
                assert await knock(url, origin=origin) == 403
        # It looks at the host, not at the port.
        for origin in (f"http://{host}", "http://127.0.0.1:9", "http://localhost"):
            assert await knock(f"ws://{host}/ws/echo/", origin=origin) == 101
        assert await get(f"http://{host}/") == 200


@proof
async def the_guard_takes_websocket_only():
    async with serving(AllowedHostsOriginValidator(application)) as (host, log):
        assert await get(f"http://{host}/") == 500
    assert log.lines() == [
        "ValueError: You cannot use OriginValidator on a non-WebSocket connection"
    ]


@proof
async def only_a_consumer_catches_its_denial():
    class Denying(AsyncWebsocketConsumer):
        async def connect(self):
            raise DenyConnection

    async def guard(scope, receive, send):
        raise DenyConnection

    async def polite_guard(scope, receive, send):
        await send({"type": "websocket.close"})

    async with serving(routed(path("", Denying.as_asgi()))) as (host, _):
        assert await knock(f"ws://{host}/") == 403
    async with serving(guard) as (host, log):
        assert await knock(f"ws://{host}/") == 500
    assert log.lines() == ["DenyConnection: "]
    async with serving(polite_guard) as (host, _):
        assert await knock(f"ws://{host}/") == 403


# ---- Poke it by hand


@proof
async def the_client_of_websockets_names_no_origin():
    help_text = await output_of("import sys; from websockets.cli import main; main(['--help'])")
    assert help_text == "usage: websockets [--help] [--insecure] [--version] [<uri>]\n"

    def talk(url):
        return subprocess.run(
            [sys.executable, "-m", "websockets", url],
            input="hello\n",
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
        ).stdout

    async with serving(application) as (host, _):
        url = f"ws://{host}/ws/echo/"
        told = await asyncio.to_thread(talk, url)
        shown = (SNIPPETS / "refused.txt").read_text(encoding="utf-8")
        assert told == shown.replace("127.0.0.1:8000", host)
    async with serving(routed(path("ws/echo/", EchoConsumer.as_asgi()))) as (host, _):
        url = f"ws://{host}/ws/echo/"
        assert f"Connected to {url}." in await asyncio.to_thread(talk, url)


@proof
async def the_program_on_the_page_runs():
    program = (SNIPPETS / "poke.py").read_text(encoding="utf-8")
    async with serving(application) as (host, _):
        assert "127.0.0.1:8000" in program
        printed = await lines_printed_by(program.replace("127.0.0.1:8000", host))
    assert printed == ["hello from Python", r"b'\x01\x02\x03'"]


# ---- Testing


@proof
async def a_communicator_names_no_origin_either():
    stranger = WebsocketCommunicator(application, "/ws/echo/")
    assert (await stranger.connect())[0] is False
    own = [(b"origin", b"http://localhost")]
    tab = WebsocketCommunicator(application, "/ws/echo/", headers=own)
    assert (await tab.connect())[0] is True
    await tab.disconnect()


@proof
async def a_communicator_sends_no_empty_frame():
    tab = WebsocketCommunicator(EchoConsumer.as_asgi(), "/")
    await tab.connect()
    try:
        await tab.send_to(text_data="")
    except AssertionError:
        pass
    else:
        raise RuntimeError("an empty frame was sent")
    await tab.disconnect()


if __name__ == "__main__":
    report()
