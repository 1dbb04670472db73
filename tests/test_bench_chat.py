"""`bench chat`: the load client counts what is lost, and the document is what is agreed."""

import importlib.util
import json

import pytest
from websockets.asyncio.server import serve

from channels_workshop import REPOSITORY
from channels_workshop.errors import WorkshopError
from channels_workshop.processes import redis as embedded
from channels_workshop.processes.redis import STAND_IN, find_program
from channels_workshop.upkeep.benchmarks import load_benchmark

# Left to .ci/run: real servers, and many of them.
pytestmark = pytest.mark.slow


@pytest.fixture
def load():
    """The load client, as a module."""
    path = REPOSITORY / "bench" / "load" / "client.py"
    spec = importlib.util.spec_from_file_location("load_client", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def measured(load, refuses, clients=5):
    """Measure a server that does not send what `refuses(number of the client, text)` names.

    Returns what was measured, and the messages that the server has got.
    """
    connections, got = [], []

    async def relay(connection):
        connections.append(connection)
        async for frame in connection:
            message = json.loads(frame)["message"]
            got.append(message)
            for number, other in enumerate(connections):
                if not refuses(number, message):
                    await other.send(json.dumps({"message": message, "user": "ann"}))

    async with serve(relay, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return await load.measure(url, {"Origin": url}, clients, 2, 0.2), got


async def test_every_delivery_is_counted(load):
    result, got = await measured(load, lambda number, text: False)
    said = [message for message in got if message.partition(":")[2].isdigit()]
    assert result["sent"] == len(said) >= 2
    assert {message.partition(":")[0] for message in said} == {"0", "1"}
    assert result["lost"] == 0
    assert result["deliveries"] > 0
    assert 0 < result["median"] <= result["p99"]


async def test_what_is_lost_is_counted(load):
    # The last one to join is no sender.
    result, _got = await measured(load, lambda number, text: number == 4 and text.endswith(":1"))
    assert result["lost"] == 2  # the first message of each sender


async def test_a_sender_whose_message_is_lost_does_not_wait_for_ever(load, monkeypatch):
    monkeypatch.setattr(load, "PATIENCE", 0.1)
    result, _got = await measured(load, lambda number, text: text == "0:1")
    assert result["lost"] == 5


async def test_large_frames_are_read(load):
    big = "x" * 70_000

    async def greet(connection):
        await connection.send(json.dumps({"greeting": big}))
        async for frame in connection:
            await connection.send(json.dumps({**json.loads(frame), "padding": "y" * 200}))

    async with serve(greet, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        result = await load.measure(url, {}, 1, 1, 0.1)
    assert result["lost"] == 0
    assert result["sent"] >= 1


async def test_a_refused_handshake_is_told(load):
    async def refuse(connection, request):
        return connection.respond(403, "no")

    async with serve(lambda connection: None, "127.0.0.1", 0, process_request=refuse) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(ConnectionError, match="403"):
            await load.measure(url, {}, 1, 1, 0.1)


@pytest.mark.skipif(find_program()[0] == STAND_IN, reason="there is only the stand-in here")
def test_the_document_is_what_is_agreed():
    document = load_benchmark("chat")(clients=10, seconds=0.3, rounds=1)
    assert json.loads(json.dumps(document)) == document
    assert (document["version"], document["name"], document["lost"]) == (1, "chat", 0)
    assert "bare websockets broadcast server" in document["peer"]
    assert document["ratio"] > 0
    units = [row["unit"] for row in document["rows"]]
    assert units == ["1/s", "ms", ""] * 3 + ["×", "×"]
    assert all({"name", "value", "unit"} == row.keys() for row in document["rows"])
    assert all(row["value"] > 0 for row in document["rows"] if row["unit"])


def test_no_figure_comes_from_a_stand_in(monkeypatch):
    monkeypatch.setattr(embedded, "find_program", lambda: (STAND_IN, None))
    with pytest.raises(WorkshopError, match="stand-in"):
        load_benchmark("chat")()
