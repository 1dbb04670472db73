"""Every sentence about the pinned software on lesson 01's page and those around it, proved.

Most proofs are in `statements/lesson_01.py`: they need Django's settings, which are global, so they
run together in one process of their own. Those that start servers or programs are here.
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

from channels_workshop.checking.upstream import Upstream
from channels_workshop.course.catalogue import find_lesson
from channels_workshop.course.reference import write_project

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
PROGRAMS = DOCS / "snippets" / "async_in_ten_minutes"
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_01.py"
LANGUAGES = ("en", "ru")

LESSON = "lessons/01_sync_vs_async.md"
ASYNC = "async-in-ten-minutes.md"
WEBSOCKET = "websocket-and-http.md"
DJANGO = "django-and-async.md"

# On which page and where it stands, what it says, which proof it has.
STATEMENTS = [
    (
        LESSON,
        "one-thread",
        "All async views of uvicorn run in one thread.",
        "async_views_share_the_loops_thread",
    ),
    (
        LESSON,
        "sync-view",
        "Under an async server Django runs a sync view in a thread.",
        "a_sync_view_has_a_thread_of_its_own",
    ),
    (
        LESSON,
        "gather-order",
        "`gather` answers in the order of its arguments.",
        "gather_keeps_the_order_of_its_arguments",
    ),
    (
        LESSON,
        "gather-raises",
        "Out of a bare `gather` comes the first exception; the other results are lost.",
        "gather_raises_the_first_failure_and_the_others_run_on",
    ),
    (
        LESSON,
        "task-group",
        "A TaskGroup cancels the other tasks and raises an ExceptionGroup.",
        "a_task_group_cancels_the_others",
    ),
    (
        LESSON,
        "to-thread",
        "`to_thread` runs a function in a thread, and the loop goes on.",
        "to_thread_lets_the_loop_go_on",
    ),
    (
        LESSON,
        "called-too-early",
        "`to_thread(f(x))` calls `f` in the loop, then its answer.",
        "parentheses_call_before_there_is_a_thread",
    ),
    (
        LESSON,
        "thread-pool",
        "`to_thread` has as many threads as processors and four more, at most 32.",
        "a_pool_has_the_processors_and_four_more_threads",
    ),
    (
        LESSON,
        "sync-only",
        "A query in the loop is a SynchronousOnlyOperation.",
        "a_query_without_await_is_refused",
    ),
    (
        LESSON,
        "a-twins",
        "`acreate`, `aget`, `aget_or_create`, `acount` are awaited.",
        "the_orm_has_twins",
    ),
    (
        LESSON,
        "lazy",
        "`filter()` only describes a query; `async for` makes it.",
        "a_query_is_made_by_going_through_it",
    ),
    (
        LESSON,
        "foreign-key",
        "The dot of a foreign key is a query, unless `select_related` has brought it.",
        "a_foreign_key_is_a_query",
    ),
    (
        LESSON,
        "orm-threads",
        "The ORM's async methods run the query in a thread.",
        "the_async_orm_works_in_a_thread",
    ),
    (
        LESSON,
        "atomic",
        "`async with transaction.atomic()` is a TypeError.",
        "a_transaction_is_not_async",
    ),
    (
        LESSON,
        "take-turns",
        "Within a request thread-sensitive calls take turns in one thread.",
        "within_a_request_calls_take_turns",
    ),
    (
        LESSON,
        "take-turns",
        "With `thread_sensitive=False` they do not.",
        "insensitive_calls_do_not_take_turns",
    ),
    (
        LESSON,
        "outside-a-request",
        "Two requests do not take turns.",
        "requests_do_not_take_turns",
    ),
    (
        LESSON,
        "outside-a-request",
        "Outside of a request, all share one thread.",
        "outside_a_request_all_share_one_thread",
    ),
    (
        LESSON,
        "questions",
        "`gather` over three `acount()` runs them in one thread.",
        "orm_calls_of_one_request_share_a_thread",
    ),
    (
        LESSON,
        "mistake-no-await",
        "JsonResponse refuses a coroutine, and Python warns of it.",
        "json_takes_no_coroutine",
    ),
    (
        LESSON,
        "mistake-asyncio-run",
        "`asyncio.run` cannot be called from a running loop.",
        "asyncio_run_refuses_a_running_loop",
    ),
    (
        LESSON,
        "mistake-called",
        "'str' object is not callable.",
        "parentheses_call_before_there_is_a_thread",
    ),
    (
        LESSON,
        "mistake-sync-only",
        "You cannot call this from an async context.",
        "a_query_without_await_is_refused",
    ),
    (
        LESSON,
        "mistake-acreate",
        "`acreate` without `await` stores nothing; Python warns.",
        "acreate_without_await_stores_nothing",
    ),
    (
        LESSON,
        "mistake-unsafe",
        "With DJANGO_ALLOW_ASYNC_UNSAFE the query runs in the loop's thread.",
        "async_unsafe_queries_in_the_loops_thread",
    ),
    (
        ASYNC,
        "never-awaited",
        "A coroutine that nobody awaits is complained of.",
        "a_coroutine_that_nobody_awaits_is_complained_of",
    ),
    (
        DJANGO,
        "loop-per-request",
        "Under WSGI an async view has an event loop made for this request.",
        "an_async_view_under_wsgi_has_a_loop_of_its_own",
    ),
    (
        DJANGO,
        "thread-per-request",
        "Under ASGI a sync view has a thread.",
        "a_sync_view_has_a_thread_of_its_own",
    ),
    (
        DJANGO,
        "wsgi-call",
        "The WSGI application on the page answers.",
        "the_wsgi_application_on_the_page_answers",
    ),
    (
        DJANGO,
        "asgi-call",
        "The ASGI application on the page answers.",
        "the_asgi_application_on_the_page_answers",
    ),
    (
        WEBSOCKET,
        "sse",
        "An answer that does not end: the client reads each event as it is sent.",
        "http_can_push_too",
    ),
    (
        WEBSOCKET,
        "frame-cost",
        "A frame costs 2, 4 or 10 bytes, and 4 more to the server.",
        "a_frame_costs_two_bytes_and_a_mask",
    ),
    (
        WEBSOCKET,
        "per-hour",
        "uvicorn sends a ping every 20 seconds.",
        "uvicorn_pings_every_20_seconds",
    ),
]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str | None]:
    """Each proof's name, with None or the traceback of its failure."""
    run = subprocess.run(
        [sys.executable, str(PROOFS)], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("page", "anchor", "says", "proof"),
    STATEMENTS,
    ids=[f"{anchor}-{proof}" for _, anchor, _, proof in STATEMENTS],
)
def test_statement(page, anchor, says, proof, verdicts):
    assert verdicts[proof] is None, f"docs/en/{page}#{anchor}: {says}\n\n{verdicts[proof]}"


def test_every_proof_belongs_to_a_statement(verdicts):
    assert set(verdicts) == {proof for *_, proof in STATEMENTS}


def text_of(language, page):
    return (DOCS / language / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_has_its_place_on_the_page(language):
    places = {(page, anchor) for page, anchor, *_ in STATEMENTS}
    places |= {(LESSON, anchor) for anchor in ("server-label", "transaction-true")}
    places |= {(LESSON, anchor) for *_, anchor in SERVERS}
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
    upstream = Upstream()
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
    told = [
        bytes_of["poll_request"],
        bytes_of["poll_answer"],
        poll,
        bytes_of["frame_up"],
        bytes_of["frame_down"],
        bytes_of["handshake_request"] + bytes_of["handshake_answer"],
    ]
    rows = re.findall(r"^\| .* \| \**(\d+)\** \|$", text_of(language, WEBSOCKET), re.MULTILINE)
    assert rows == [str(number) for number in told]
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
