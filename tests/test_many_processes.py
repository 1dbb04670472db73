"""Lesson 06 as people see it: two browsers on two processes, one of which is killed; Redis away.

Real processes, started as the README says, a real Redis, a real browser.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from channels_workshop.checking.accounts import Accounts
from channels_workshop.checking.browser import browser
from channels_workshop.checking.needs import why_missing
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.reference import write_project
from channels_workshop.serving.commands import run_commands
from channels_workshop.serving.guarded import start_guarded, stop_guarded
from channels_workshop.serving.redis import free_port, start_redis
from channels_workshop.serving.server import project_environment

LESSON = Path(__file__).parent.parent / "lessons" / "06_scaling_redis"
PRESENCE_SECONDS = 3
#: Seconds for which Redis is away.
AWAY = 10
#: Milliseconds. The page waits for up to 15 seconds before it tries again.
PATIENCE = 40_000

missing = why_missing("browser")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing is not None, reason=missing or "")]


class Worker:
    """One process of the chat, as `uvicorn` starts it."""

    def __init__(self, project: Path, environment: dict[str, str], port: int) -> None:
        self.port = port
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
        command += ["--port", str(port)]
        self._guarded = start_guarded(
            command,
            folder=project,
            environment=project_environment("config.settings", environment),
            output=subprocess.PIPE,
        )
        printed = self._read_until("Uvicorn running on")
        self._pid = int(re.findall(r"Started server process \[(\d+)\]", printed)[0])

    def _read_until(self, words: str) -> str:
        assert self._guarded.stdout
        printed = ""
        for line in self._guarded.stdout:
            printed += line.decode()
            if words in printed:
                return printed
        raise AssertionError(printed)

    def kill(self) -> None:
        """`kill -9`."""
        os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._guarded.wait()

    def shut_down(self) -> None:
        """Ask it to end, as a deployment does, and wait until it has."""
        os.kill(self._pid, signal.SIGTERM)
        self._read_until("Finished server process")
        self._guarded.wait()

    def stop(self) -> None:
        assert self._guarded.stdout
        stop_guarded(self._guarded)
        self._guarded.stdout.close()


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
        write_project(load_lesson(LESSON), project)
        self.redis = start_redis()
        self._workers: list[Worker] = []
        self.manage("migrate", "--verbosity", "0")
        self.accounts = Accounts(project)

    @property
    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": self.redis.url, "PRESENCE_SECONDS": str(PRESENCE_SECONDS)}

    def manage(self, *command: str) -> None:
        (ran,) = run_commands(self.project, [command], self.environment)
        assert ran.exit_code == 0, ran.errors

    def worker(self, port: int | None = None) -> Worker:
        self._workers.append(Worker(self.project, self.environment, port or free_port()))
        return self._workers[-1]

    def stop(self) -> None:
        with ExitStack() as stack:
            stack.callback(self.redis.stop)
            for worker in self._workers:
                stack.callback(worker.stop)


class Tab:
    """A browser of somebody's own, before the page of one room on one worker."""

    def __init__(self, page) -> None:
        self.page = page

    @classmethod
    async def open(cls, chromium, worker: Worker, token: str) -> "Tab":
        page = await (await chromium.new_context()).new_page()
        page.set_default_timeout(PATIENCE)
        await page.goto(f"http://127.0.0.1:{worker.port}/chat/tea/")
        await page.fill("#token", token)
        await page.press("#token", "Enter")
        tab = cls(page)
        await tab.sees("#status", "Connected")
        return tab

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
            ann = await Tab.open(chromium, one, tea_room.accounts.token("ann"))
            bob = await Tab.open(chromium, other, tea_room.accounts.token("bob"))
            for tab in (ann, bob):
                await tab.sees("#online", "2 people here, in 2 tabs")
            await they_talk(ann, bob, "before")

            await asyncio.to_thread(tea_room.manage, "announce", "tea", "The kettle is on.")
            for tab in (ann, bob):
                await tab.sees(".announcement", "The kettle is on.")

            await asyncio.to_thread(other.kill)
            await bob.sees("#status", "Reconnecting")
            await ann.sees("#online", "1 person here, in 1 tab")

            other = await asyncio.to_thread(tea_room.worker, other.port)
            await bob.sees("#status", "Connected")
            for tab in (ann, bob):
                await tab.sees("#online", "2 people here")
            await they_talk(bob, ann, "after kill -9")

            await asyncio.to_thread(other.shut_down)
            await bob.sees("#status", "Reconnecting")
            # It was left, not lost: no need to wait until it expires.
            await ann.sees("#online", "1 person here")
            await asyncio.to_thread(tea_room.worker, other.port)
            await bob.sees("#status", "Connected")

            await asyncio.to_thread(tea_room.redis.stop)
            await ann.says("is anybody there?")
            await ann.sees("#notice", "not available")
            eve = await chromium.new_page()
            await eve.goto(f"http://127.0.0.1:{one.port}/chat/tea/")
            await eve.fill("#token", tea_room.accounts.token("eve"))
            await eve.press("#token", "Enter")
            eve = Tab(eve)
            await eve.sees("#status", "Reconnecting")
            await asyncio.sleep(AWAY)
            tea_room.redis = await asyncio.to_thread(start_redis, tea_room.redis.port)

            await eve.sees("#status", "Connected")
            for tab in (ann, bob, eve):
                await tab.sees("#online", "3 people here, in 3 tabs")
            await they_talk(ann, bob, "Redis is back")
            await they_talk(bob, eve, "for everybody")


async def they_talk(speaker: Tab, listener: Tab, text: str) -> None:
    await speaker.says(text)
    await speaker.sees(".message", text)
    await listener.sees(".message", text)
