"""Lesson 06 with `operate`, as people see it: two browsers on two processes, one of which is killed.

Real processes, started as the README says, a real Redis, a real browser; then the same through the
real nginx, by the lesson's own `deploy/nginx.conf`.
"""

import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from channels_workshop.chat_checks.accounts import Accounts
from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.browser import browser
from channels_workshop.judging.needs import why_missing
from channels_workshop.processes.management import run_commands
from channels_workshop.processes.options import ServerOptions, project_environment
from channels_workshop.processes.ports import free_port
from channels_workshop.processes.redis import start_redis
from channels_workshop.processes.supervised import start_supervised, stop_supervised
from channels_workshop.processes.supervisor import Supervisor
from nginx_proxy import start_nginx

PRESENCE_SECONDS = 3
#: Seconds for which Redis is away.
AWAY = 10
#: Milliseconds. The page waits for up to 15 seconds before it tries again.
PATIENCE = 40_000

NOTE_STATUS = """
window.shown = [];
addEventListener("DOMContentLoaded", () => {
  const status = document.getElementById("status");
  new MutationObserver(() => shown.push(status.textContent)).observe(status, { childList: true });
});
"""

missing = why_missing("browser")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing is not None, reason=missing or "")]


class Worker:
    """One process of the chat, as `uvicorn` starts it."""

    host = "127.0.0.1"

    def __init__(self, project: Path, environment: dict[str, str], port: int) -> None:
        self.port = port
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
        command += ["--port", str(port)]
        self._process = start_supervised(
            command,
            folder=project,
            environment=project_environment(ServerOptions(environment=environment)),
            output=subprocess.PIPE,
        )
        printed = self._read_until("Uvicorn running on")
        self._pid = int(re.findall(r"Started server process \[(\d+)\]", printed)[0])

    def _read_until(self, words: str) -> str:
        assert self._process.stdout
        printed = ""
        for line in self._process.stdout:
            printed += line.decode()
            if words in printed:
                return printed
        raise AssertionError(printed)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def connections(self) -> int:
        """Return how many tabs are connected to this very process."""
        text = httpx.get(f"{self.origin}/metrics", trust_env=False).text
        return int(float(re.findall(r"^chat_connections (\S+)$", text, re.MULTILINE)[0]))

    def kill(self) -> None:
        """`kill -9`."""
        os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.wait()

    def shut_down(self) -> None:
        """Ask it to end, as a deployment does, and wait until it has."""
        os.kill(self._pid, signal.SIGTERM)
        self._read_until("Finished server process")
        self._process.wait()

    def stop(self) -> None:
        assert self._process.stdout
        stop_supervised(self._process)
        self._process.stdout.close()


@contextmanager
def chat(tmp_path: Path) -> Iterator["Chat"]:
    chat = Chat(tmp_path / "chat")
    try:
        yield chat
    finally:
        chat.stop()


class Chat:
    """The project, its database and its Redis; any number of workers."""

    def __init__(self, project: Path) -> None:
        self.project = project
        lesson = find_lesson("06")
        write_project(lesson, project)
        lay_further(lesson, "operate", project)
        self.redis = start_redis()
        self._workers: list[Worker] = []
        self.manage("migrate", "--verbosity", "0")
        self._supervisor = Supervisor()
        self.accounts = Accounts(self._supervisor, project)

    @property
    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": self.redis.url, "PRESENCE_SECONDS": str(PRESENCE_SECONDS)}

    def manage(self, *command: str, **environment: str) -> None:
        (ran,) = run_commands(self.project, [command], self.environment | environment)
        assert ran.exit_code == 0, ran.errors

    def worker(self, port: int | None = None) -> Worker:
        self._workers.append(Worker(self.project, self.environment, port or free_port()))
        return self._workers[-1]

    @contextmanager
    def behind_nginx(self) -> Iterator[tuple[str, list[Worker]]]:
        """Start two workers and nginx in front of them: give its origin, and them."""
        workers = [self.worker(), self.worker()]
        configuration = (self.project / "deploy" / "nginx.conf").read_text("utf-8")
        nginx = start_nginx(configuration, workers)
        # As in compose.yaml: where nginx finds what it serves itself.
        deployed = {"DJANGO_SETTINGS_MODULE": "deploy.settings", "SECRET_KEY": "none yet"}
        deployed |= {"ALLOWED_HOSTS": "127.0.0.1", "DATABASE": "none"}
        deployed["STATIC_ROOT"] = str(nginx.project / "srv" / "static")
        self.manage("collectstatic", "--noinput", **deployed)
        try:
            yield nginx.origin, workers
        finally:
            nginx.stop()

    def stop(self) -> None:
        with ExitStack() as stack:
            stack.callback(self.redis.stop)
            stack.callback(self._supervisor.close)
            for worker in self._workers:
                stack.callback(worker.stop)


class Tab:
    """A browser of its own with the page of one room, from one worker."""

    def __init__(self, page) -> None:
        self.page = page

    @classmethod
    async def open(cls, chromium, origin: str, token: str, state: str = "Connected") -> "Tab":
        page = await (await chromium.new_context()).new_page()
        page.set_default_timeout(PATIENCE)
        # What the status says may be over before anybody looks.
        await page.add_init_script(NOTE_STATUS)
        await page.goto(f"{origin}/chat/tea/")
        await page.fill("#token", token)
        await page.press("#token", "Enter")
        tab = cls(page)
        await tab.has_shown(state)
        return tab

    async def has_shown(self, state: str) -> None:
        """Wait until the page has shown that state, since it was asked for one last."""
        await self.page.wait_for_function(
            "state => { const at = shown.findIndex(text => text.startsWith(state));"
            " return at >= 0 && shown.splice(0, at + 1); }",
            arg=state,
        )

    async def sees(self, where: str, text: str) -> None:
        from playwright.async_api import expect

        await expect(self.page.locator(where).last).to_contain_text(text, timeout=PATIENCE)

    async def says(self, text: str) -> None:
        await self.page.fill("#message", text)
        await self.page.press("#message", "Enter")


async def test_two_browsers_on_two_processes(tmp_path):
    with chat(tmp_path) as tea_room:
        one, other = tea_room.worker(), tea_room.worker()
        async with browser() as chromium:
            ann = await Tab.open(chromium, one.origin, tea_room.accounts.token("ann"))
            bob = await Tab.open(chromium, other.origin, tea_room.accounts.token("bob"))
            await they_are_one_chat(tea_room, ann, bob)

            await asyncio.to_thread(other.kill)
            await bob.has_shown("Reconnecting")
            await ann.sees("#online", "1 person here, in 1 tab")
            other = await asyncio.to_thread(tea_room.worker, other.port)
            await bob.has_shown("Connected")
            await they_are_one_chat(tea_room, ann, bob)

            await asyncio.to_thread(other.shut_down)
            await bob.has_shown("Reconnecting")
            # It was left, not lost: no need to wait until it expires.
            await ann.sees("#online", "1 person here")
            await asyncio.to_thread(tea_room.worker, other.port)
            await bob.has_shown("Connected")

            await redis_goes_and_comes_back(tea_room, chromium, one.origin, ann, bob)


@pytest.mark.skipif(why_missing("nginx") is not None, reason=why_missing("nginx") or "")
async def test_the_same_through_nginx(tmp_path):
    with chat(tmp_path) as tea_room, tea_room.behind_nginx() as (origin, workers):
        async with browser() as chromium:
            ann = await Tab.open(chromium, origin, tea_room.accounts.token("ann"))
            anns, bobs = sorted(workers, key=Worker.connections, reverse=True)
            bob = await Tab.open(chromium, origin, tea_room.accounts.token("bob"))
            assert (anns.connections(), bobs.connections()) == (1, 1)
            await they_are_one_chat(tea_room, ann, bob)

            # One of them is lost: whoever was there comes in by the other, and nobody starts it.
            await asyncio.to_thread(anns.kill)
            await ann.has_shown("Reconnecting")
            await ann.has_shown("Connected")
            assert bobs.connections() == 2
            await they_are_one_chat(tea_room, ann, bob)

            # A rolling restart: the lost one is back, then the other is asked to end.
            await asyncio.to_thread(tea_room.worker, anns.port)
            await asyncio.to_thread(bobs.shut_down)
            for tab in (ann, bob):
                await tab.has_shown("Reconnecting")
                await tab.has_shown("Connected")
            await they_are_one_chat(tea_room, ann, bob)
            await asyncio.to_thread(tea_room.worker, bobs.port)

            await redis_goes_and_comes_back(tea_room, chromium, origin, ann, bob)


async def they_are_one_chat(tea_room: Chat, ann: Tab, bob: Tab) -> None:
    for tab in (ann, bob):
        await tab.sees("#status", "Connected")
        await tab.sees("#online", "2 people here, in 2 tabs")
    await they_talk(ann, bob)
    await they_talk(bob, ann)
    announcement = f"The kettle is on. {next(NUMBERS)}"
    await asyncio.to_thread(tea_room.manage, "announce", "tea", announcement)
    for tab in (ann, bob):
        await tab.sees(".announcement", announcement)


async def redis_goes_and_comes_back(
    tea_room: Chat, chromium, origin: str, ann: Tab, bob: Tab
) -> None:
    await asyncio.to_thread(tea_room.redis.stop)
    await ann.says("is anybody there?")
    await ann.sees("#notice", "not available")
    eve = await Tab.open(chromium, origin, tea_room.accounts.token("eve"), "Reconnecting")
    await asyncio.sleep(AWAY)
    tea_room.redis = await asyncio.to_thread(start_redis, tea_room.redis.port)
    for tab in (ann, bob, eve):
        await tab.sees("#online", "3 people here, in 3 tabs")
    await they_talk(ann, bob)
    await they_talk(bob, eve)


async def they_talk(speaker: Tab, listener: Tab) -> None:
    text = f"message {next(NUMBERS)}"
    await speaker.says(text)
    await speaker.sees(".message", text)
    await listener.sees(".message", text)


#: So that nothing is taken for what was said before.
NUMBERS = itertools.count(1)
