"""What the pages around lesson 01 say about Python, Django and uvicorn, proved by running it.

Which sentence each proof belongs to stands in `lesson_01.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio
import contextlib
import gc
import os
import sys
import threading
import warnings
from wsgiref.simple_server import make_server
from wsgiref.validate import validator

import httpx
import uvicorn
from proving import REPOSITORY, proof, report, serving, use_project

use_project("01_sync_vs_async")
SNIPPETS = REPOSITORY / "docs" / "snippets"
sys.path += [str(SNIPPETS / "django_and_async"), str(SNIPPETS / "01_sync_vs_async")]

import turns  # noqa: E402
from asgi_application import application as asgi_application  # noqa: E402
from asgiref.sync import ThreadSensitiveContext, sync_to_async  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.exceptions import SynchronousOnlyOperation  # noqa: E402
from django.db import IntegrityError, connection, transaction  # noqa: E402
from django.http import JsonResponse, QueryDict, StreamingHttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import setup_databases  # noqa: E402
from django.urls import path  # noqa: E402
from websockets.frames import Frame, Opcode  # noqa: E402
from wsgi_application import application as wsgi_application  # noqa: E402

from waiting import almanac  # noqa: E402
from waiting.models import City, Postcard  # noqa: E402

# ---- A Django that answers with the views of a proof


class Routes:
    """A URL configuration made of one view."""

    def __init__(self, view):
        self.urlpatterns = [path("", view)]


@contextlib.asynccontextmanager
async def django(view):
    """Serve one view at `/` by uvicorn in this process; give a client of it."""
    with override_settings(ROOT_URLCONF=Routes(view), ALLOWED_HOSTS=["*"]):
        async with serving(get_asgi_application()) as (host, _log):
            async with httpx.AsyncClient(base_url=f"http://{host}", trust_env=False) as client:
                yield client


async def answers(client, count):
    """Ask `count` times at once; return the JSON of each."""
    responses = await asyncio.gather(*(client.get("/") for _ in range(count)))
    return [response.raise_for_status().json() for response in responses]


class Meeting:
    """A blocking function's way to tell how many were in it at once, without looking at a clock."""

    def __init__(self):
        self.threads = set()
        self.peak = self._present = 0
        self._lock = threading.Lock()

    def attend(self, _guest=None):
        with self._lock:
            self._present += 1
            self.peak = max(self.peak, self._present)
            self.threads.add(threading.get_ident())
        # Long enough for another thread to come in, if one may.
        threading.Event().wait(0.05)
        with self._lock:
            self._present -= 1


def message_of(error):
    return f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def complaints():
    """Collect what Python warns of."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        told = []
        yield told
        gc.collect()
        told.extend(str(warning.message) for warning in caught)


# ---- Loops and threads


@proof
async def async_views_share_the_loops_thread():
    async def view(request):
        await asyncio.sleep(0)
        return JsonResponse({"thread": threading.get_ident()})

    async with django(view) as client:
        threads = {answer["thread"] for answer in await answers(client, 3)}
    assert threads == {threading.get_ident()}


@proof
async def a_sync_view_has_a_thread_of_its_own():
    together = threading.Barrier(3)

    def view(request):
        together.wait(10)  # nobody passes before three are here, each in a thread
        return JsonResponse({"thread": threading.get_ident()})

    async with django(view) as client:
        threads = {answer["thread"] for answer in await answers(client, 3)}
    assert len(threads) == 3
    assert threading.get_ident() not in threads


@proof
async def an_async_view_under_wsgi_has_a_loop_of_its_own():
    loops = []

    async def view(request):
        loops.append(asyncio.get_running_loop())
        return JsonResponse({})

    with override_settings(ROOT_URLCONF=Routes(view), ALLOWED_HOSTS=["*"]):
        for _ in range(2):
            await asyncio.to_thread(Client().get, "/")
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)


@proof
async def a_pool_has_the_processors_and_four_more_threads():
    await asyncio.to_thread(int)
    count = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    pool = asyncio.get_running_loop()._default_executor
    assert pool._max_workers == min(32, count + 4)


@proof
async def to_thread_lets_the_loop_go_on():
    started, may_end = threading.Event(), threading.Event()

    def block():
        started.set()
        assert may_end.wait(10)
        return threading.get_ident()

    blocked = asyncio.create_task(asyncio.to_thread(block))
    await asyncio.to_thread(started.wait, 10)
    may_end.set()  # this line is reached while `block` blocks
    assert await blocked != threading.get_ident()


# ---- Coroutines, tasks, failures


@proof
async def a_coroutine_that_nobody_awaits_is_complained_of():
    async def boil():
        raise AssertionError("this never runs")

    with complaints() as told:
        boil()
    assert "boil' was never awaited" in told[0]


@proof
async def gather_keeps_the_order_of_its_arguments():
    first_may_end = asyncio.Event()

    async def first():
        await first_may_end.wait()
        return "first"

    async def second():
        first_may_end.set()
        return "second"

    assert await asyncio.gather(first(), second()) == ["first", "second"]


@proof
async def gather_raises_the_first_failure_and_the_others_run_on():
    went_on = asyncio.Event()

    async def fails():
        raise ValueError("no trains")

    async def works():
        await asyncio.sleep(0)
        went_on.set()

    try:
        await asyncio.gather(fails(), works())
        raise AssertionError("the failure did not come out")
    except ValueError:
        await went_on.wait()


@proof
async def a_task_group_cancels_the_others():
    cancelled = asyncio.Event()

    async def fails():
        raise ValueError("no trains")

    async def waits():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(waits())
            group.create_task(fails())
        raise AssertionError("the failure did not come out")
    except ExceptionGroup as failures:
        assert [type(error) for error in failures.exceptions] == [ValueError]
    assert cancelled.is_set()


@proof
async def json_takes_no_coroutine():
    async def afetch():
        return {}

    with complaints() as told:
        try:
            JsonResponse(afetch())
            raise AssertionError("it was taken")
        except TypeError as error:
            assert str(error).startswith("In order to allow non-dict objects to be serialized set")
    assert any("afetch' was never awaited" in complaint for complaint in told)


@proof
async def json_takes_no_coroutine_inside():
    coroutine = asyncio.sleep(0)
    gathering = asyncio.gather(asyncio.sleep(0))
    for build, said in [
        (lambda: JsonResponse({"text": coroutine}), "Object of type coroutine is not JSON"),
        (lambda: list(gathering), "await wasn't used with future"),
    ]:
        try:
            build()
            raise AssertionError("it was taken")
        except (TypeError, RuntimeError) as error:
            assert said in str(error)
    await asyncio.wait({asyncio.ensure_future(coroutine)})


@proof
async def only_coroutines_are_awaited():
    for thing, name in [({}, "dict"), (City.objects.all(), "QuerySet")]:
        try:
            await thing
            raise AssertionError("it was awaited")
        except TypeError as error:
            assert str(error) in (
                f"object {name} can't be used in 'await' expression",
                f"'{name}' object can't be awaited",
            )


@proof
async def an_asyncio_future_does_not_wait():
    look_up = asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 0.05)
    try:
        look_up.result()
        raise AssertionError("there was a result")
    except asyncio.InvalidStateError as error:
        assert str(error) == "Result is not set."
    await look_up


@proof
async def asyncio_run_refuses_a_running_loop():
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
        raise AssertionError("it ran")
    except RuntimeError as error:
        assert str(error) == "asyncio.run() cannot be called from a running event loop"
    coroutine.close()


@proof
async def parentheses_call_before_there_is_a_thread():
    called_in = []

    def sunrise(city):
        called_in.append(threading.get_ident())
        return "six"

    try:
        await asyncio.to_thread(sunrise("Riga"))
        raise AssertionError("it worked")
    except TypeError as error:
        assert str(error) == "'str' object is not callable"
    assert called_in == [threading.get_ident()]
    assert callable(almanac.sunrise)


# ---- The ORM


@proof
async def the_orm_has_twins():
    city, made = await City.objects.aget_or_create(name="Riga")
    assert made
    await Postcard.objects.acreate(city=city, to="Anna", text="hello")
    assert (await City.objects.aget(name="Riga")).pk == city.pk
    assert await Postcard.objects.filter(to="Anna").acount() == 1


@proof
async def a_city_is_made_once():
    try:
        await City.objects.aget(name="Ys")
        raise AssertionError("it was found")
    except City.DoesNotExist as error:
        assert str(error) == "City matching query does not exist."
    await City.objects.acreate(name="Ys")
    try:
        await City.objects.acreate(name="Ys")
        raise AssertionError("it was made")
    except IntegrityError as error:
        assert str(error) == "UNIQUE constraint failed: waiting_city.name"


@proof
async def a_missing_parameter_is_a_key_error():
    try:
        QueryDict("town=Riga")["city"]
        raise AssertionError("it was there")
    except KeyError as error:
        assert type(error).__name__ == "MultiValueDictKeyError"


@proof
async def a_query_without_await_is_refused():
    for query in (
        lambda: City.objects.get_or_create(name="Oslo"),
        lambda: Postcard.objects.create(to="Anna", text="hello"),
        lambda: list(City.objects.all()),
    ):
        await refused(query)


async def refused(query):
    try:
        query()
        raise AssertionError("the query was made")
    except SynchronousOnlyOperation as error:
        said = "You cannot call this from an async context - use a thread or sync_to_async."
        assert str(error) == said


@proof
async def a_query_is_made_by_going_through_it():
    described = City.objects.filter(name="Riga").order_by("pk")
    await refused(lambda: [city for city in described])  # noqa: C416
    assert [city.name async for city in described] == ["Riga"]
    assert not hasattr(described, "afilter")
    assert not hasattr(described, "aselect_related")


@proof
async def values_list_is_iterated_synchronously():
    cities = City.objects.filter(name="Riga")
    try:
        [row async for row in cities.values_list("name").aiterator()]
        raise AssertionError("it was asynchronous")
    except SynchronousOnlyOperation:
        pass
    assert [row async for row in cities.values_list("name")] == [("Riga",)]
    for asynchronous, row in (
        (cities.values_list("name", flat=True), "Riga"),
        (cities.values_list("name", named=True), ("Riga",)),
        (cities.values("name"), {"name": "Riga"}),
        (cities, await cities.aget()),
    ):
        assert [found async for found in asynchronous.aiterator()] == [row]


@proof
async def a_foreign_key_is_a_query():
    card = await Postcard.objects.aget(to="Anna")
    await refused(lambda: card.city)
    card = await Postcard.objects.select_related("city").aget(to="Anna")
    assert card.city.name == "Riga"


@proof
async def the_async_orm_works_in_a_thread():
    async with queries_noted() as threads:
        await City.objects.acount()
    assert threads
    assert threading.get_ident() not in threads


@contextlib.asynccontextmanager
async def queries_noted():
    """Collect the threads in which queries of this context are made."""
    threads = []

    def note(execute, *arguments):
        threads.append(threading.get_ident())
        return execute(*arguments)

    # Each thread has a connection of its own, so the note is laid on in the one that counts.
    await sync_to_async(lambda: connection.execute_wrappers.append(note))()
    yield threads
    await sync_to_async(lambda: connection.execute_wrappers.remove(note))()


@proof
async def acreate_without_await_stores_nothing():
    before = await Postcard.objects.acount()
    with complaints() as told:
        Postcard.objects.acreate(to="Anna", text="lost")
    assert any("QuerySet.acreate' was never awaited" in complaint for complaint in told)
    assert await Postcard.objects.acount() == before


@proof
async def a_transaction_is_not_async():
    try:
        async with transaction.atomic():
            raise AssertionError("it was entered")
    except TypeError as error:
        assert "does not support the asynchronous context manager protocol" in str(error)


@proof
async def async_unsafe_queries_in_the_loops_thread():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    threads = []

    def note(execute, *arguments):
        threads.append(threading.get_ident())
        return execute(*arguments)

    try:
        with connection.execute_wrapper(note):
            City.objects.count()
    finally:
        connection.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    assert threads == [threading.get_ident()]


# ---- sync_to_async


@contextlib.contextmanager
def the_almanac_is(function):
    """Put a blocking function in the almanac's place."""
    before, almanac.sunrise = almanac.sunrise, function
    yield
    almanac.sunrise = before


@proof
async def within_a_request_calls_take_turns():
    meeting = Meeting()
    with the_almanac_is(meeting.attend):
        async with django(turns.take_turns) as client:
            await answers(client, 1)
    assert meeting.peak == 1
    assert len(meeting.threads) == 1


@proof
async def insensitive_calls_do_not_take_turns():
    together = threading.Barrier(2)
    with the_almanac_is(lambda city: together.wait(10)):
        async with django(turns.at_the_same_time) as client:
            await answers(client, 1)


@proof
async def requests_do_not_take_turns():
    together = threading.Barrier(3)

    async def view(request):
        await sync_to_async(together.wait)(10)
        return JsonResponse({})

    async with django(view) as client:
        await answers(client, 3)


@proof
async def outside_a_request_all_share_one_thread():
    meeting = Meeting()

    async def background(guest):
        await sync_to_async(meeting.attend)(guest)

    await asyncio.gather(*(asyncio.create_task(background(guest)) for guest in range(4)))
    assert meeting.peak == 1
    assert len(meeting.threads) == 1
    # In the context that Django gives to each request, it is another thread.
    async with ThreadSensitiveContext():
        assert await sync_to_async(threading.get_ident)() not in meeting.threads


@proof
async def orm_calls_of_one_request_share_a_thread():
    async with ThreadSensitiveContext(), queries_noted() as threads:
        await asyncio.gather(*(City.objects.acount() for _ in range(3)))
    assert len(threads) == 3
    assert len(set(threads)) == 1


# ---- WSGI, ASGI, HTTP and WebSocket


@proof
async def the_wsgi_application_on_the_page_answers():
    with make_server("127.0.0.1", 0, validator(wsgi_application)) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(f"http://127.0.0.1:{server.server_port}/")
        await asyncio.to_thread(thread.join)
    assert response.text == "hello"


@proof
async def the_asgi_application_on_the_page_answers():
    async with serving(asgi_application) as (host, _log):
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://{host}/")).text == "hello"


@proof
async def http_can_push_too():
    told = asyncio.Event()

    async def events():
        yield "data: first\n\n"
        await told.wait()  # the client has the first one before there is a second
        yield "data: second\n\n"

    async def view(request):
        return StreamingHttpResponse(events(), content_type="text/event-stream")

    async with django(view) as client, client.stream("GET", "/") as response:
        chunks = response.aiter_text()
        assert await anext(chunks) == "data: first\n\n"
        told.set()
        assert await anext(chunks) == "data: second\n\n"


@proof
async def a_frame_costs_two_bytes_and_a_mask():
    def cost(size, mask):
        return len(Frame(Opcode.TEXT, b"x" * size).serialize(mask=mask)) - size

    assert [cost(size, mask=False) for size in (0, 125, 126, 65_535, 65_536)] == [2, 2, 4, 4, 10]
    assert [cost(size, mask=True) for size in (0, 125, 126, 65_535, 65_536)] == [6, 6, 8, 8, 14]


@proof
async def uvicorn_pings_every_20_seconds():
    assert uvicorn.Config(asgi_application).ws_ping_interval == 20


if __name__ == "__main__":
    # In memory, and seen from all threads.
    setup_databases(verbosity=0, interactive=False)
    report()
