"""Task `look`: whoever looks is told whether the process is well, and what it does."""

import asyncio

from channels_workshop.judging.mismatch import expect, given
from operating import CONNECTIONS, DROPS, JOINS, MESSAGES, change, read_metrics

#: Seconds for an answer that has to wait for a Redis that is silent, on a busy machine.
LONG = 30.0


async def test_healthy(one, other):
    for process in (one, other, one):
        await _is(process, 200)


async def test_unhealthy(outage):
    process = outage.process("one")
    await _is(process, 200)
    outage.begins()
    for _again in range(2):
        await _is(process, 503)
    outage.ends()
    await _is(process, 200)


async def test_silent_redis(before, servers):
    connections = []

    async def accept(_reader, writer):
        connections.append(writer)

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as silent:
        url = f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        server = servers.another("silenced", servers.options.adding({"REDIS_URL": url}))
        try:
            await _is(before(server), 503)
        finally:
            server.stop()
            for writer in connections:
                writer.close()


async def _is(process, status):
    response = await process.visitor.get("/healthz", timeout=LONG)
    expect(f"GET /healthz: HTTP {status}", f"GET /healthz: HTTP {response.status_code}")


async def test_metrics_are_there(one, lesson):
    values = await read_metrics(one.visitor, lesson)
    for name, value in values.items():
        with given(name):
            expect(f"{name} >= 0", f"{name} {'>=' if value >= 0 else '<'} 0")


async def test_metrics_count(before, servers, lesson, some):
    process = before(servers.alongside("counted"))
    client, room = process.visitor, some.name()
    at_first = await read_metrics(client, lesson)
    people = [await process.join(room, f"person {n}") for n in range(6)]
    await change(client, lesson, at_first, **{JOINS: 6, CONNECTIONS: 6})
    said = some.random.randint(3, 9)
    for n in range(said):
        await people[n % len(people)].says_and_hears(some.text())
    await change(client, lesson, at_first, **{JOINS: 6, CONNECTIONS: 6, MESSAGES: said})
    # Three close with a code, two break off, one stays. Each goes when it has been told of all who
    # went before: with a frame on its way to it, either end would be right (H7).
    some.random.shuffle(people)
    changes = {JOINS: 6, CONNECTIONS: 6, MESSAGES: said, DROPS: 0}
    for gone, code in enumerate((1000, 1001, 4000, None, None)):
        person = people[gone]
        await person.comes_to_see(6 - gone, 6 - gone)
        if code is None:
            person.drop()
            changes[DROPS] += 1
        else:
            await person.connection.close(code)
        changes[CONNECTIONS] -= 1
        await change(client, lesson, at_first, **changes)
    # Somebody comes back: they count anew.
    back = await process.arrives(room, "person 0")
    changes |= {JOINS: 7, CONNECTIONS: 2, MESSAGES: said + 1}
    await change(client, lesson, at_first, **changes)
    await back.leave()
    await change(client, lesson, at_first, **{**changes, CONNECTIONS: 1})


async def test_each_for_itself(before, servers, lesson, some):
    counted, other = [before(servers.alongside(name)) for name in ("counted", "counted too")]
    room = some.name()
    at_first = [await read_metrics(process.visitor, lesson) for process in (counted, other)]
    ann, bob = await counted.arrives(room, "ann"), await other.arrives(room, "bob")
    for _ in range(3):
        await ann.say(text := some.text())
        await bob.heard(text)
    for process, before_, said in zip((counted, other), at_first, (4, 1), strict=True):
        changes = {JOINS: 1, CONNECTIONS: 1, MESSAGES: said}
        await change(process.visitor, lesson, before_, **changes)
