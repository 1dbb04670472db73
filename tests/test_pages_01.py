"""What lesson 01's page and those around it show of servers and programs, which are run here.

What they say beside that is proved in `test_statements.py`.
"""

import asyncio
import json
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from channels_workshop.authoring.trials import Trial, write_trial
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.rendezvous import Rendezvous

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
PROGRAMS = DOCS / "snippets" / "async_in_ten_minutes"
LANGUAGES = ("en", "ru")

WAITS = "further/who-waits.md"
ASYNC = "async-in-ten-minutes.md"
WEBSOCKET = "websocket-and-http.md"


def text_of(language, page):
    return (DOCS / language / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_has_its_place_on_the_page(language):
    places = {(WAITS, "server-label")}
    places |= {(WAITS, anchor) for *_, anchor in SERVERS}
    places |= {(ASYNC, anchor) for _, anchor in PROGRAM_OUTPUTS}
    for page, anchor in places:
        assert f"{{ #{anchor} }}" in text_of(language, page), f"{language}/{page}#{anchor}"


# ---- Ten requests at once: which server serves them one at a time, and which all together

# Server, view, what the page calls it, whether ten are served at once, where it stands.
SERVERS = [
    ("runserver --nothreading", "/sync/", "WSGI, one thread for all", False, "server-one-thread"),
    ("runserver", "/sync/", "WSGI, a thread for each request", True, "server-threads"),
    ("uvicorn", "/sync/", "ASGI, one event loop", True, "server-sync-view"),
    ("uvicorn", "/blocking/", "ASGI, one event loop", False, "server-blocking"),
    ("uvicorn", "/awaiting/", "ASGI, one event loop", True, "server-awaiting"),
]


@pytest.fixture(scope="module")
def plots():
    """The programs in `docs/plots`."""
    sys.path.insert(0, str(DOCS / "plots"))
    import ten_requests
    import wire_bytes

    yield ten_requests, wire_bytes
    sys.path.remove(str(DOCS / "plots"))


@pytest.mark.parametrize(
    ("server", "view", "called", "together", "anchor"), SERVERS, ids=[row[-1] for row in SERVERS]
)
async def test_ten_requests(server, view, called, together, anchor, plots):
    ten_requests, _ = plots
    if together:
        async with holding_upstream() as upstream:
            asking = asked(ten_requests, server, upstream.url, view, called)
            async with asking as (client, requests):
                calls = await upstream.waiting(10)
                # Ten wait together, and the eleventh visitor is served.
                assert (await client.get("/ping/")).status_code == 200
                for call in calls:
                    call.answer({"text": "done"})
                await requests
    else:
        service = ten_requests.SlowService(0.05)
        async with asked(ten_requests, server, service.url, view, called) as (_client, requests):
            await requests
        service.close()
        assert (service.answered, service.peak) == (10, 1)


@asynccontextmanager
async def asked(ten_requests, server, upstream, view, called):
    """Ask ten times at once; give a client of the server, and the requests on their way."""
    limits = httpx.Limits(max_connections=None)
    async with (
        ten_requests.running(server, upstream) as origin,
        httpx.AsyncClient(base_url=origin, timeout=60, limits=limits, trust_env=False) as client,
    ):
        described = await client.get("/server/")
        assert described.json() == {"described": called}
        assert described.headers["server"].startswith(("WSGIServer/", "uvicorn"))
        requests = asyncio.create_task(ten_requests.ask_together(client, view))
        yield client, requests


@asynccontextmanager
async def holding_upstream():
    upstream = Rendezvous()
    yield upstream
    upstream.close()


def test_the_plot_is_drawn_from_what_was_measured(plots):
    ten_requests, _ = plots
    measured = json.loads((DOCS / "plots" / "ten_requests.json").read_text(encoding="utf-8"))
    drawn = (DOCS / "plots" / "ten_requests.html").read_text(encoding="utf-8")
    assert drawn == ten_requests.draw(measured)
    assert [(setup["server"], setup["code"]) for setup in measured["setups"]] == [
        (setup.server, setup.code) for setup in ten_requests.SETUPS
    ]


# ---- Bytes on the wire


def test_the_bytes_on_the_page_were_measured(plots):
    _, wire_bytes = plots
    stored = (DOCS / "plots" / "wire_bytes.json").read_text(encoding="utf-8")
    assert wire_bytes.measure() == json.loads(stored)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_the_bytes_that_were_measured(language):
    bytes_of = json.loads((DOCS / "plots" / "wire_bytes.json").read_text(encoding="utf-8"))
    poll = bytes_of["poll_request"] + bytes_of["poll_answer"]
    measured = [
        bytes_of["poll_request"],
        bytes_of["poll_answer"],
        poll,
        bytes_of["frame_up"],
        bytes_of["frame_down"],
        bytes_of["handshake_request"] + bytes_of["handshake_answer"],
    ]
    rows = re.findall(r"^\| .* \| \**(\d+)\** \|$", text_of(language, WEBSOCKET), re.MULTILINE)
    assert rows == [str(number) for number in measured]
    megabytes = f"{poll * 3600 / 1e6:.1f}"
    assert (megabytes if language == "en" else megabytes.replace(".", ",")) in text_of(
        language, WEBSOCKET
    )


# ---- The programs of “Async in ten minutes”

PROGRAM_OUTPUTS = [
    ("coroutine", "nothing-happens"),
    ("in_turn", "in-turn"),
    ("at_once", "at-once"),
    ("task", "next-await"),
    ("clock", "clock-stops"),
    ("clock", "clock-thread"),
]


@pytest.mark.parametrize("program", sorted({program for program, _ in PROGRAM_OUTPUTS}))
def test_a_program_prints_what_the_page_shows(program):
    run = subprocess.run(
        [sys.executable, str(PROGRAMS / f"{program}.py")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    shown = (PROGRAMS / f"{program}.txt").read_text(encoding="utf-8")
    assert without_repeats(run.stdout) == without_repeats(shown)


def without_repeats(text):
    """Return the lines; how often a clock ticks in a row depends on how busy the machine is."""
    lines = text.splitlines()
    return [line for line, before in zip(lines, [None, *lines], strict=False) if line != before]


# ---- Testing


def test_without_transaction_rows_stay_behind(tmp_path):
    write_project(find_lesson("1"), tmp_path)
    (tmp_path / "waiting" / "tests.py").write_text(LEAKING_TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, "--ds=config.settings", "waiting/tests.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "2 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.slow
def test_its_own_tests_end_where_nobody_asks(tmp_path):
    # As in the learner's copy at first: no view asks the upstream or the almanac.
    lesson = find_lesson("1")
    write_trial(Trial(lesson, "starter"), tmp_path / lesson.name)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts="]
    run = subprocess.run(
        [*command, "--ds=config.settings", "waiting/tests.py", "-k", "meanwhile or almanac"],
        cwd=tmp_path / lesson.name,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "2 failed" in run.stdout, run.stdout + run.stderr


LEAKING_TESTS = """
import pytest

from waiting.models import City


@pytest.mark.django_db
async def test_stores():
    await City.objects.acreate(name="left behind")


@pytest.mark.django_db
async def test_finds_it():
    assert await City.objects.acount() == 1
"""
