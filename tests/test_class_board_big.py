"""Two hundred learners on a real board for ten minutes, some of them stuck; the board is killed twice.

They connect as workshops do, over the network and with their outboxes, and do what was recorded. Some
lose their network, some end `up` and come back. `pytest --on-demand tests/test_class_board_big.py` takes
as long as the class. What came of it is printed, `-s` shows it.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from channels_workshop.stage.board.joining.address import read_address
from channels_workshop.stage.board.joining.connection import Connection, Member
from channels_workshop.stage.board.joining.outbox import Outbox
from channels_workshop.stage.board.messages import Report
from class_progress import recorded
from simulated_class import LENGTH, simulated

pytestmark = pytest.mark.on_demand

SIZE = int(os.environ.get("BIG_CLASS", "200"))
SEED = 7
TYPED = ["class", "--no-browser", "--workers", "2", "--host", "127.0.0.1"]
#: Seconds within which whoever is stuck has to be found.
FOUND_WITHIN = 180
#: At which seconds the board is killed.
KILLED_AT = (190, 400)
KEPT = """
SELECT number, what FROM events JOIN learners ON learners.id = learner WHERE name = ? ORDER BY number
"""
#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60


class Board:
    """`class` as a process, which can be killed and started again."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", *TYPED],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={
                **os.environ,
                "WORKSHOP_LANG": "en",
                "WORKSHOP_WORKSPACE": str(self.workspace),
                "PYTHONUNBUFFERED": "1",
                "COLUMNS": "200",
            },
        )
        said = ""
        while "Redis between" not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
        self.page, self.code = re.search(r"(http://\S+)/en/board/\?code=(\w+)", said).groups()
        self.typed = re.search(r"up --class (\S+) --name", said)[1]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)


class Workshop:
    """The learner's side: an outbox on disk, and a connection that may be lost."""

    def __init__(self, story, folder: Path, board: Board) -> None:
        self.story, self.folder, self.typed = story, folder, board.typed
        self.begin()

    def begin(self) -> None:
        address = read_address(self.typed)
        self.outbox = Outbox(self.folder, time.time)
        member = Member(self.story.name, address.code)
        self.changed = asyncio.Event()
        self.connection = Connection(
            address, member, self.outbox, time.time, changed=self.changed.set
        )
        self.running = asyncio.create_task(self.connection.run())

    async def live(self, begins: float) -> None:
        """Do what the story says, at its seconds."""
        for at, what in self.story.steps:
            await asyncio.sleep(begins + at - time.monotonic())
            self.outbox.add(what)
            self.connection.tell()

    async def all_told(self) -> None:
        """Return once the board has acknowledged everything."""
        while self.connection.acknowledged < self.outbox.last:
            self.changed.clear()
            await self.changed.wait()

    async def stop(self) -> None:
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running

    async def begin_again(self) -> None:
        """End `up`, like a lid that is shut, and begin it again later."""
        await self.stop()
        await asyncio.sleep(5)
        self.begin()


async def instruct(board: Board, begins: float, alarms: dict[str, list[float]]) -> None:
    """Look at the board, as an open page does, and note at which second somebody is an alarm."""
    while True:
        origin = board.page
        cookie = {"Cookie": f"instructor={board.code}"}
        socket = f"{origin.replace('http', 'ws', 1)}/ws/en/board/"
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(
                socket, origin=origin, additional_headers=cookie, proxy=None, max_size=None
            ) as page:
                async for frame in page:
                    for learner in json.loads(frame).get("learners", []):
                        if learner["kind"] == "stuck":
                            alarms[learner["name"]].append(time.monotonic() - begins)
        await asyncio.sleep(0.5)


async def test_all_who_are_stuck_are_found_and_nothing_is_lost_though_the_board_is_killed(tmp_path):
    board = Board(tmp_path / "board")
    stories = simulated(SEED, recorded(), SIZE)
    workshops = [Workshop(story, tmp_path / "learners" / story.name, board) for story in stories]
    begins = time.monotonic() + 5
    alarms = defaultdict(list)
    looking = asyncio.create_task(instruct(board, begins, alarms))
    living = asyncio.gather(*(workshop.live(begins) for workshop in workshops))
    rng = Random(SEED)
    for killed_at in KILLED_AT:
        await asyncio.sleep(begins + killed_at - 60 - time.monotonic())
        lidded = [workshop.begin_again() for workshop in rng.sample(workshops, 10)]
        await asyncio.gather(*lidded)
        await asyncio.sleep(begins + killed_at - time.monotonic())
        await asyncio.to_thread(board.kill)
        await asyncio.sleep(3)
        await asyncio.to_thread(board.start)
    await living
    await asyncio.sleep(begins + LENGTH - time.monotonic())
    async with asyncio.timeout(PATIENCE):
        for workshop in workshops:
            await workshop.all_told()
    looking.cancel()
    for workshop in workshops:
        await workshop.stop()
    await asyncio.to_thread(board.end)

    # Nothing is lost, nothing is doubled: what the board has is what was told.
    (ledger,) = (tmp_path / "board" / "class" / "held").glob("*.sqlite3")
    database = sqlite3.connect(ledger)
    told = 0
    for workshop in workshops:
        kept = database.execute(KEPT, (workshop.story.name,)).fetchall()
        lines = (workshop.folder / "reports.jsonl").read_bytes().splitlines()
        reports = [msgspec.json.decode(line, type=Report) for line in lines]
        assert [report.what for report in reports] == [what for _at, what in workshop.story.steps]
        assert kept == [(r.number, msgspec.json.encode(r.what)) for r in reports]
        told += len(kept)
    assert database.execute("SELECT count(*) FROM learners").fetchone() == (SIZE,)
    database.close()

    # Whoever is stuck is found, and hardly anybody else.
    planted = [s for s in stories if s.stuck and s.since <= LENGTH - FOUND_WITHIN]
    waits = {s.name: min(alarms[s.name], default=LENGTH) - s.since for s in planted}
    false = [s.name for s in stories if not s.stuck and alarms[s.name]]
    print(
        f"\n{SIZE} learners, {told} reports, {len(planted)} stuck: found after "
        f"{min(waits.values()):.0f} to {max(waits.values()):.0f} s; false alarms: {len(false)}"
    )
    assert max(waits.values()) <= FOUND_WITHIN, waits
    assert len(false) <= 1, false
