"""The views, tested in process: no server, no upstream, no waiting.

Run them in the project's folder: `python -m pytest --ds=config.settings waiting/tests.py`
"""

import asyncio
import threading

import httpx
import pytest

from . import almanac, upstream
from .models import City, Postcard


# --8<-- [start:upstream_double]
@pytest.fixture
def upstream_is(monkeypatch):
    """Return a function that puts a coroutine function in the upstream's place."""

    def put(handler):
        options = {"transport": httpx.MockTransport(handler), "base_url": "http://upstream"}
        monkeypatch.setattr(upstream, "options", lambda: options)

    return put
    # --8<-- [end:upstream_double]


def text_of(request):
    return {"text": f"{request.url.path} in {request.url.params['city']}"}


# --8<-- [start:words_test]
async def test_the_upstreams_words_come_back(async_client, upstream_is):
    async def answer(request):
        return httpx.Response(200, json=text_of(request))

    upstream_is(answer)
    response = await async_client.get("/awaiting/", {"city": "São Paulo"})
    assert response.json() == {"text": "/weather in São Paulo"}
    # --8<-- [end:words_test]


async def test_others_are_served_meanwhile(async_client, upstream_is):
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def answer(request):
        asked.set()
        await may_answer.wait()
        return httpx.Response(200, json=text_of(request))

    upstream_is(answer)
    waiting = asyncio.create_task(async_client.get("/awaiting/", {"city": "Riga"}))
    await asyncio.wait_for(asked.wait(), 5)
    assert (await async_client.get("/ping/")).status_code == 200
    assert not waiting.done()
    may_answer.set()
    assert (await waiting).status_code == 200


# --8<-- [start:barrier_test]
async def test_three_calls_are_under_way_at_once(async_client, upstream_is):
    # Nobody passes a barrier before three stand at it: no clock is needed to prove it.
    barrier = asyncio.Barrier(3)

    async def answer(request):
        await barrier.wait()
        return httpx.Response(200, json=text_of(request))

    upstream_is(answer)
    async with asyncio.timeout(10):
        response = await async_client.get("/together/", {"city": "Riga"})
    assert response.json()["trains"] == {"text": "/trains in Riga"}
    # --8<-- [end:barrier_test]


@pytest.mark.parametrize("failing", ["weather", "trains", "news"])
async def test_a_failure_costs_its_own_part(async_client, upstream_is, failing):
    async def answer(request):
        if request.url.path == f"/{failing}":
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200, json=text_of(request))

    upstream_is(answer)
    parts = (await async_client.get("/together/", {"city": "Riga"})).json()
    assert [topic for topic, part in parts.items() if "error" in part] == [failing]


async def test_the_loop_goes_on_while_the_almanac_blocks(async_client, monkeypatch):
    asked, may_answer = threading.Event(), threading.Event()

    def sunrise(city):
        asked.set()
        may_answer.wait(10)
        return f"six in {city}"

    monkeypatch.setattr(almanac, "sunrise", sunrise)
    waiting = asyncio.create_task(async_client.get("/sunrise/", {"city": "Riga"}))
    # That this line is reached at all shows that the loop is free.
    assert await asyncio.to_thread(asked.wait, 5)
    may_answer.set()
    assert (await waiting).json() == {"text": "six in Riga"}


# --8<-- [start:rows_test]
# Without `transaction=True` an async test leaves its rows behind: they are written in another
# thread, outside the transaction that pytest-django rolls back.
@pytest.mark.django_db(transaction=True)
async def test_a_postcard_is_stored_and_listed(async_client):
    postcard = {"to": "Анна", "city": "Rīga", "text": "It rains."}
    response = await async_client.post("/postcards/send/", postcard)
    assert response.status_code == 201
    assert await City.objects.acount() == 1
    response = await async_client.get("/postcards/", {"to": "Анна"})
    assert response.json() == {"postcards": [{"city": "Rīga", "text": "It rains."}]}
    # --8<-- [end:rows_test]


@pytest.mark.django_db(transaction=True)
async def test_everyone_gets_their_own_postcards_the_oldest_first(async_client):
    city = await City.objects.acreate(name="Riga")
    for to, text in [("Anna", "one"), ("Boris", "two"), ("Anna", "three")]:
        await Postcard.objects.acreate(city=city, to=to, text=text)
    response = await async_client.get("/postcards/", {"to": "Anna"})
    assert [card["text"] for card in response.json()["postcards"]] == ["one", "three"]


def test_a_postcard_is_sent_and_not_fetched(client):
    assert client.get("/postcards/send/").status_code == 405
