"""Messages as people paste them into public questions are found on the built site, right entry first."""

import asyncio
import http.server
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.judging.browser import browser, can_drive, find_browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (can_drive() and find_browser()), reason="a browser is missing"),
]

#: What was pasted, and the entry. From issues of django/channels, channels_redis, daphne, asgiref,
#: uvicorn and others; file names and addresses are as the people had them.
PASTED = [
    # channels_redis #397
    ("redis.exceptions.ResponseError: unknown command 'BZPOPMIN'", "layers", "unknown-command"),
    # channels #1690, as an older client said it
    ("aioredis.errors.ReplyError: ERR unknown command 'BZPOPMIN'", "layers", "unknown-command"),
    # channels #1036
    ("AttributeError: 'NoneType' object has no attribute 'group_add'", "consumers", "no-channel-layer"),
    # channels #2134
    ("TypeError: object HttpResponse can't be used in 'await' expression", "routing", "middleware-coroutine"),
    # asgiref #206
    ("TypeError: object SyncToAsync can't be used in await expression", "orm", "sync-to-async-awaited"),
    # channels #2106
    (
        "django.core.exceptions.SynchronousOnlyOperation: You cannot call this from an async context"
        " - use a thread or sync_to_async.",
        "orm",
        "sync-only",
    ),
    # DeepQA #183
    (
        "CommandError: You have not set ASGI_APPLICATION, which is needed to run the server.",
        "imports",
        "asgi-not-set",
    ),
    # Rapid-ChatXChannels #10
    (
        "django.core.exceptions.ImproperlyConfigured: Cannot import ASGI_APPLICATION module"
        " 'cfehome.routing'",
        "imports",
        "asgi-not-imported",
    ),
    # daphne #173
    ("django.core.exceptions.AppRegistryNotReady: Apps aren't loaded yet.", "imports", "apps-not-loaded"),
    # sentry-asgi #8
    ("ValueError: No application configured for scope type 'lifespan'", "routing", "no-lifespan"),
    # channels #2095 and #1880
    (
        "WARNING Application instance <Task pending name='Task-30589'"
        " coro=<ProtocolTypeRouter.__call__() running at /usr/local/lib/python3.10/site-packages/"
        "channels/routing.py:71> wait_for=<Future pending>> for connection <WebSocketProtocol"
        " client=['172.6.66.8', 0] path=b'/websocket/profile/'> took too long to shut down and was killed.",
        "servers",
        "took-too-long",
    ),
    # channels_redis #332
    ("RuntimeError: Event loop is closed", "layers", "loop-closed"),
    # channels_redis #328
    ("Task was destroyed but it is pending!", "consumers", "task-destroyed"),
    # channels_redis #312
    ("got Future <Future pending> attached to a different loop", "layers", "another-loop"),
    # uvicorn #1967
    (
        "No supported WebSocket library detected. Please use \"pip install 'uvicorn[standard]'\", or"
        " install 'websockets' or 'wsproto' manually.",
        "handshakes",
        "no-websocket-library",
    ),
    # channels_redis #422
    ("redis.exceptions.TimeoutError: Timeout reading from localhost:6379", "layers", "idle-timeout"),
    # channels #2195
    ("ValueError: No route found for path 'ws/chat/lobby'.", "routing", "no-route"),
    # many questions about the tutorial
    (
        "ValueError: Django can only handle ASGI/HTTP connections, not websocket.",
        "routing",
        "django-only",
    ),
    # channels #1585, as today's client says it
    (
        "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connect call failed"
        " ('127.0.0.1', 6379).",
        "layers",
        "redis-refused",
    ),
    # from the console
    (
        "Uncaught InvalidStateError: Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.",
        "browser",
        "still-connecting",
    ),
    (
        "WebSocket connection to 'ws://localhost:8000/ws/chat/lobby/' failed: Error during WebSocket"
        " handshake: Unexpected response code: 403",
        "browser",
        "response-403",
    ),
    # uvicorn's log
    ("WARNING:  Invalid HTTP request received.", "servers", "invalid-http"),
    (
        "TypeError: receive() got an unexpected keyword argument 'bytes_data'",
        "consumers",
        "no-bytes",
    ),
    ("ValueError: No handler for message type chat_message", "consumers", "no-handler"),
    (
        "RuntimeError: You cannot use AsyncToSync in the same thread as an async event loop - just await"
        " the async function directly.",
        "consumers",
        "async-in-async",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Both languages, built and served on loopback; the address."""
    root = tmp_path_factory.mktemp("site")
    for language, configuration in (("en", "mkdocs.yml"), ("ru", "mkdocs.ru.yml")):
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q"]
        command += ["-f", REPOSITORY / configuration, "-d", root / language]
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=REPOSITORY, check=True, env=environment)
    with served(root) as address:
        yield address


class served:
    """A folder over HTTP, on loopback."""

    def __init__(self, root: Path) -> None:
        handler = partial(Quiet, directory=root)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_exception) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves, and says nothing of it."""

    def log_message(self, *_arguments) -> None:
        pass


async def found(address: str, texts: list[str]) -> list[str]:
    """Paste each text into the site's search; return the address of each first result."""
    firsts = []
    async with browser() as chromium:
        page = await chromium.new_page()
        await page.goto(address)
        field = page.locator("input.md-search__input")
        for text in texts:
            await page.goto(address)
            await field.focus()
            await field.fill(text)
            first = page.locator(".md-search-result__item .md-search-result__link").first
            await first.wait_for(state="attached")
            firsts.append((await first.get_attribute("href")).partition("?")[0] + await tail(first))
    return firsts


async def tail(link) -> str:
    """Return the anchor of a link, which stands behind the words to highlight."""
    anchor = (await link.get_attribute("href")).partition("#")[2]
    return f"#{anchor}" if anchor else ""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_pasted_message_finds_its_entry_first(site, language):
    firsts = asyncio.run(found(f"{site}/{language}/", [text for text, *_entry in PASTED]))
    wrong = [
        (text, first)
        for (text, family, entry), first in zip(PASTED, firsts, strict=True)
        if not first.endswith(f"/errors/{family}/#{entry}")
    ]
    assert not wrong
