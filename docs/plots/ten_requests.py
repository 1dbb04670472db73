"""Ten requests of one second each, under every kind of server: who waits for whom.

`python docs/plots/ten_requests.py` measures, writes `ten_requests.json` and draws it as
`ten_requests.html`, which the pages include; with `--draw` it only draws. Times are in seconds.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from pathlib import Path
from socketserver import ThreadingTCPServer

import httpx

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.ports import free_port
from channels_workshop.processes.supervised import start_supervised, stop_supervised

HERE = Path(__file__).parent
REQUESTS = 10
SECONDS = 1.0
BEAT = 0.1
SHOWN = 10.5


@dataclass(frozen=True)
class Setup:
    """A server, and the view that ten people ask at once. `code` is how that view waits."""

    server: str
    code: str
    path: str


SETUPS = [
    Setup("runserver --nothreading", "def … fetch()", "/sync/"),
    Setup("runserver", "def … fetch()", "/sync/"),
    Setup("uvicorn", "def … fetch()", "/sync/"),
    Setup("uvicorn", "async def … fetch()", "/blocking/"),
    Setup("uvicorn", "async def … await afetch()", "/awaiting/"),
]


# ---- The two sides of the project: the slow service that it asks, and the people who ask it.


class SlowService(ThreadingTCPServer):
    """Answers each call after `seconds`; `peak` is how many it had at once."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.answered = self.peak = self._present = 0
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Call)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def think(self) -> None:
        """Take the time of one call."""
        with self._lock:
            self._present += 1
            self.peak = max(self.peak, self._present)
        time.sleep(self.seconds)
        with self._lock:
            self._present -= 1
            self.answered += 1

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Call(BaseHTTPRequestHandler):
    server: SlowService

    def do_GET(self) -> None:
        self.server.think()
        body = b'{"text": "done"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values: object) -> None:
        pass


@asynccontextmanager
async def running(server: str, upstream: str) -> AsyncIterator[str]:
    """Run a copy of lesson 01's project under `server`; give its address once it accepts."""
    port = str(free_port())
    command = {
        "runserver --nothreading": ["manage.py", "runserver", "--noreload", "--nothreading", port],
        "runserver": ["manage.py", "runserver", "--noreload", port],
        "uvicorn": ["-m", "uvicorn", "config.asgi:application", "--port", port],
    }[server]
    with tempfile.TemporaryDirectory() as folder:
        write_project(find_lesson("1"), Path(folder))
        process = start_supervised(
            [sys.executable, *command],
            folder=Path(folder),
            environment={**os.environ, "UPSTREAM_URL": upstream},
            output=subprocess.DEVNULL,
        )
        try:
            await _accepts(int(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            stop_supervised(process)


async def _accepts(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)  # how often it looks changes nothing that is measured


async def ask_together(client: httpx.AsyncClient, path: str) -> list[tuple[float, float]]:
    """Ask `path` REQUESTS times at once; return when each began and ended, from the first on."""
    begun = time.perf_counter()

    async def ask(number: int) -> tuple[float, float]:
        start = time.perf_counter() - begun
        (await client.get(path, params={"city": f"city {number}"})).raise_for_status()
        return start, time.perf_counter() - begun

    return await asyncio.gather(*(ask(number) for number in range(REQUESTS)))


# ---- Measuring


async def measure(setup: Setup) -> dict[str, object]:
    """Return the requests, and the heartbeats beside them, as [start, end] of each."""
    service = SlowService(SECONDS)
    limits = httpx.Limits(max_connections=None)
    try:
        async with (
            running(setup.server, service.url) as origin,
            httpx.AsyncClient(
                base_url=origin, timeout=60, limits=limits, trust_env=False
            ) as client,
        ):
            # What is loaded with the first request is no part of the picture.
            await client.get("/ping/")
            await client.get(setup.path, params={"city": "first"})
            begun = time.perf_counter()
            beats: list[tuple[float, float]] = []
            heart = asyncio.create_task(_beat(client, beats, begun))
            requests = await ask_together(client, setup.path)
            heart.cancel()
            await asyncio.wait([heart])
    finally:
        service.close()
    return {"requests": _rounded(requests), "beats": _rounded(beats)}


async def _beat(client: httpx.AsyncClient, beats: list[tuple[float, float]], begun: float) -> None:
    while True:
        start = time.perf_counter() - begun
        try:
            await client.get("/ping/")
        finally:  # the last one may still be unanswered
            end = time.perf_counter() - begun
            beats.append((start, end))
        await asyncio.sleep(max(0, BEAT - (end - start)))


def _rounded(times: list[tuple[float, float]]) -> list[list[float]]:
    return [[round(start, 3), round(end, 3)] for start, end in times]


def measure_all() -> dict[str, object]:
    """Return what `ten_requests.json` holds."""
    packages = ["django", "uvicorn", "httpx", "asgiref"]
    return {
        "measured with": {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "setups": [
            {"server": setup.server, "code": setup.code, **asyncio.run(measure(setup))}
            for setup in SETUPS
        ],
    }


# ---- Drawing: HTML for the words, so that they stay readable on a phone; SVG for the bars.

GREEN, RED = "#16a34a", "#dc2626"
BAR, HEART = 5, 12


def draw(measured: dict[str, object]) -> str:
    """Return the figure: a panel for each setup, all with the same axis."""
    panels = "\n".join(_panel(setup) for setup in measured["setups"])
    return f'<div class="ten-requests" translate="no">\n{panels}\n{_axis()}\n</div>\n'


def _panel(setup: dict) -> str:
    took = max(end for _start, end in setup["requests"])
    shapes = [_line(second, HEART + BAR * REQUESTS + 4) for second in range(1, 11)]
    shapes += [
        _rect(start, end, 0, HEART - 3, _heart_colour(start, end)) for start, end in setup["beats"]
    ]
    stopped = max(end - start for start, end in setup["beats"]) > SECONDS / 2
    for number, (start, end) in enumerate(sorted(setup["requests"], key=lambda times: times[1])):
        shapes.append(_rect(start, end, HEART + number * BAR, BAR - 1, RED if stopped else GREEN))
    return (
        f'<p style="margin:1.2em 0 .2em"><span style="float:right">{took:.1f}</span>'
        f"<b>{setup['server']}</b> <code>{setup['code']}</code></p>\n"
        f"{_svg(HEART + BAR * REQUESTS + 4, shapes)}"
    )


def _heart_colour(start: float, end: float) -> str:
    return RED if end - start > SECONDS / 2 else GREEN


def _svg(height: float, shapes: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {SHOWN} {height}" preserveAspectRatio="none" aria-hidden="true" '
        f'style="display:block;width:100%;height:{height * 1.2:.0f}px">{"".join(shapes)}</svg>'
    )


def _rect(start: float, end: float, top: float, height: float, colour: str) -> str:
    width = max(end - start, 0.025)
    return (
        f'<rect x="{start:.3f}" y="{top}" width="{width:.3f}" height="{height}" fill="{colour}"/>'
    )


def _line(x: float, height: float) -> str:
    return f'<rect x="{x}" width="0.015" height="{height}" fill="currentColor" opacity="0.2"/>'


def _axis() -> str:
    numbers = "".join(
        f'<span style="position:absolute;left:{second / SHOWN:.2%};transform:translateX(-50%)">'
        f"{second}</span>"
        for second in range(1, 11)
    )
    return f'<p style="position:relative;height:1.6em;margin:0;opacity:.7">{numbers}</p>'


if __name__ == "__main__":
    data = HERE / "ten_requests.json"
    if "--draw" not in sys.argv:
        data.write_text(json.dumps(measure_all(), indent=1) + "\n", encoding="utf-8", newline="\n")
    figure = draw(json.loads(data.read_text(encoding="utf-8")))
    (HERE / "ten_requests.html").write_text(figure, encoding="utf-8", newline="\n")
