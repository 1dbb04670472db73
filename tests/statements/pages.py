"""What the pages beside the lessons say about Django and uvicorn, proved by running it.

Which sentence each proof belongs to stands in `pages.toml`; `tests/test_statements.py` runs this file
in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import inspect
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

import django
import httpx
import uvicorn
from django.conf import settings
from proving import REPOSITORY, proof, report, serving

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FOLDER = tempfile.TemporaryDirectory()

settings.configure(
    SECRET_KEY="for the proofs only",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(FOLDER.name) / "db.sqlite3",
        }
    },
    EMAIL_BACKEND=f"{__name__}.NotingEmail",
    CACHES={"default": {"BACKEND": f"{__name__}.NotingCache"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    STATICFILES_DIRS=[FOLDER.name],
    STATIC_URL="static/",
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.core import mail  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.cache.backends.locmem import LocMemCache  # noqa: E402
from django.core.exceptions import SynchronousOnlyOperation  # noqa: E402
from django.core.files.storage import FileSystemStorage, Storage  # noqa: E402
from django.core.mail.backends.base import BaseEmailBackend  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.db.models.fields.files import FieldFile  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

HANDSHAKE = (REPOSITORY / "docs/plots/chromium/handshake.txt").read_text("ascii")

#: The threads in which Django has called code of ours.
NOTED: list[int] = []


def note():
    NOTED.append(threading.get_ident())


class NotingEmail(BaseEmailBackend):
    def send_messages(self, messages):
        note()
        return len(messages)


class NotingCache(LocMemCache):
    def get(self, *arguments, **options):
        note()
        return super().get(*arguments, **options)


class Routes:
    """A URL configuration made of one view."""

    def __init__(self, view):
        self.urlpatterns = [path("", view)]


@contextlib.asynccontextmanager
async def answering(view, application=None, **changed):
    """Serve one view at `/` by uvicorn in this process; give a client of it."""
    with override_settings(ROOT_URLCONF=Routes(view), **changed):
        async with serving(application or get_asgi_application()) as (host, _log):
            async with httpx.AsyncClient(base_url=f"http://{host}", trust_env=False) as client:
                NOTED.clear()
                yield client


async def empty(request):
    return HttpResponse()


def is_in_the_loop() -> bool:
    return bool(NOTED) and set(NOTED) == {threading.get_ident()}


def is_in_a_thread() -> bool:
    return bool(NOTED) and threading.get_ident() not in NOTED


# ---- WebSocket and HTTP


async def echo(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


@contextlib.asynccontextmanager
async def shaken_hands():
    """Send the handshake that Chromium has sent; give the answer, and the connection's two ends."""
    async with serving(echo) as (host, _log):
        address, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection(address, int(port))
        writer.write(HANDSHAKE.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n")
        yield (await reader.readuntil(b"\r\n\r\n")).decode(), reader, writer
        writer.transport.abort()


@proof
async def frames_come_on_the_connection_of_the_handshake():
    async with shaken_hands() as (answer, reader, writer):
        assert answer.startswith("HTTP/1.1 101 Switching Protocols\r\n")
        writer.write(b"\x81\x82" + b"\0\0\0\0" + b"hi")  # a text frame, its mask, its text
        header = await reader.readexactly(2)
        assert header[0] & 0x0F == 1  # text came back


@proof
async def uvicorn_agrees_on_compression_with_a_browser():
    async with shaken_hands() as (answer, _reader, _writer):
        assert "\r\nsec-websocket-extensions: permessage-deflate" in answer.lower()


@proof
async def uvicorn_waits_20_seconds_for_an_answer_to_its_ping():
    # Without `log_config` it would begin to write a log, where this program writes its report.
    assert uvicorn.Config(echo, log_config=None).ws_ping_timeout == 20


# ---- Django and asynchrony


@proof
async def the_course_uses_django_5_2():
    assert django.VERSION[:2] == (5, 2)


@proof
async def hooks_of_middleware_run_in_a_thread():
    hooks = ("process_request", "process_view", "process_response")
    with contextlib.ExitStack() as patches:
        for name in MIDDLEWARE:
            middleware = import_string(name)
            for hook in hooks:
                if hasattr(middleware, hook):
                    original = getattr(middleware, hook)
                    patches.enter_context(patch.object(middleware, hook, noting(original)))
        async with answering(empty, MIDDLEWARE=MIDDLEWARE) as client:
            assert (await client.get("/")).status_code == 200
    assert len(NOTED) > len(MIDDLEWARE)
    assert is_in_a_thread()


def noting(function):
    def noted(*arguments, **options):
        note()
        return function(*arguments, **options)

    return noted


@proof
async def the_async_cache_works_in_a_thread():
    NOTED.clear()
    await cache.aget("anything")
    assert is_in_a_thread()


@proof
async def a_template_is_rendered_in_the_loop():
    template = engines["django"].from_string("{{ value }}")
    assert not any(hasattr(template, name) for name in ("arender", "render_async"))
    NOTED.clear()
    template.render({"value": note})  # a template calls what can be called
    assert is_in_the_loop()
    try:
        template.render({"value": User.objects.all()})
        raise AssertionError("the query was made")
    except SynchronousOnlyOperation:
        pass
    assert not inspect.iscoroutinefunction(render)


@proof
async def mail_is_sent_in_the_loop():
    assert not hasattr(mail, "asend_mail")

    async def view(request):
        mail.send_mail("Hello", "", None, ["ann@example.com"])
        return HttpResponse()

    async with answering(view) as client:
        assert (await client.get("/")).status_code == 200
    assert is_in_the_loop()


@proof
async def files_have_no_async_methods():
    for kind in (Storage, FileSystemStorage, FieldFile):
        assert not inspect.getmembers(kind, inspect.iscoroutinefunction)
        for name in ("open", "save", "delete", "read", "url"):
            assert not hasattr(kind, f"a{name}")


@proof
async def django_itself_refuses_a_websocket():
    try:
        await get_asgi_application()({"type": "websocket"}, None, None)
        raise AssertionError("it was served")
    except ValueError as error:
        assert "can only handle ASGI/HTTP connections" in str(error)


def sync_only(get_response):
    def middleware(request):
        note()
        return get_response(request)

    return middleware


@proof
async def sync_only_middleware_costs_each_request_a_thread():
    here = threading.get_ident()
    together = asyncio.Barrier(3)

    async def view(request):
        await together.wait()  # three requests are under way, and each of them has its thread
        return HttpResponse(str(threading.get_ident()))

    async with answering(view, MIDDLEWARE=[f"{__name__}.sync_only"]) as client:
        served = await asyncio.gather(*(client.get("/") for _ in range(3)))
    assert {response.text for response in served} == {str(here)}
    assert len(set(NOTED)) == 3
    assert is_in_a_thread()


# ---- Deployment


@proof
async def a_persistent_connection_is_not_used_again_under_asgi():
    assert connection.settings_dict["CONN_MAX_AGE"] == 0  # the default
    kept = []  # so that none is closed, and none gets the address of another

    def view(request):
        connection.ensure_connection()
        kept.append((connection.connection, connection.close_at))
        return HttpResponse()

    persistent = connections.settings["default"] | {"CONN_MAX_AGE": None}
    with patch.dict(connections.settings, {"default": persistent}):
        async with answering(view) as client:
            for _ in range(3):
                await client.get("/")
    assert len({id(each) for each, _close_at in kept}) == 3
    for each, close_at in kept:
        assert close_at is None  # it is to live for ever
        each.execute("select 1")  # and it does: nobody has closed it
        each.close()


@proof
async def the_static_handler_does_not_look_at_debug():
    (Path(FOLDER.name) / "chat.js").write_text("let it;", encoding="utf-8")
    with_handler = ASGIStaticFilesHandler(get_asgi_application())
    async with answering(empty, with_handler, DEBUG=False) as client:
        assert (await client.get("/static/chat.js")).text == "let it;"
    async with answering(empty, DEBUG=False) as client:
        assert (await client.get("/static/chat.js")).status_code == 404


if __name__ == "__main__":
    report()
    FOLDER.cleanup()
