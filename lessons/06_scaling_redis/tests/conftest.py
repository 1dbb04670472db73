"""Fixtures of this lesson's checks: people before two processes of one chat."""

import asyncio
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from announcing import Manager, paused_script
from channels_workshop.chat_checks.accounts import Accounts, Door, Sessions
from channels_workshop.chat_checks.watched import NO_PING
from channels_workshop.judging.client import Client
from channels_workshop.judging.patience import Patience
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.gate import Gate
from channels_workshop.processes.options import ServerOptions
from many_processes import Everywhere, Process, other_process
from outages import Outage
from scenes import (
    GRANTED,
    LATER,
    LONG,
    SOON,
    TALKING,
    Scene,
    all_lost,
    away,
    deserted,
    emptied,
    idle,
    is_without_them,
    left,
    lost,
    moments,
    slow,
    talking,
)

OVERLAYS = Path(__file__).with_name("overlays")

#: Seconds, for the servers on which nobody is to expire.
LATE = "60.5"


@pytest.fixture(scope="session")
def environment(supervisor):
    """Of the project: its servers and its own commands."""
    return {"REDIS_URL": supervisor.redis.url, "PRESENCE_SECONDS": LATE}


@pytest.fixture(scope="session")
def options(environment):
    # No scene may miss a ping while a generated story has the event loop.
    return ServerOptions(environment=environment, migrate=True, ping_interval=NO_PING)


@pytest.fixture(scope="session")
def accounts(servers, environment):
    servers.plain()  # which makes the database
    servers.flush_redis()
    return Accounts(servers.supervisor, servers.project, environment)


@pytest.fixture
async def before(visit, accounts):
    """A function that brings people before a process. All are gone when the check is over."""
    processes = []

    def before(server):
        processes.append(Process(visit(server), accounts))
        return processes[-1]

    yield before
    for process in processes:
        await process.visitor.leave()


@pytest.fixture
def one(before, servers):
    """One process of the chat."""
    return before(servers.plain())


@pytest.fixture
def other(before, servers):
    """Another process of the same chat."""
    return before(other_process(servers))


@pytest.fixture
async def gate(servers):
    """What stands between `gated` and Redis."""
    gate = Gate(servers.supervisor.redis.port)
    yield gate
    await gate.end()


@pytest.fixture
async def gated(before, servers, options, gate):
    """Another process, which asks Redis through `gate`."""
    url = replace(servers.supervisor.redis, port=await gate.start()).url
    # In a thread: what it asks while it starts is passed on in this one.
    start = partial(servers.another, "gated", options.adding({"REDIS_URL": url}))
    process = before(await asyncio.to_thread(start))
    yield process
    await process.visitor.leave()
    process.visitor.server.stop()


@pytest.fixture
async def everywhere(servers, evidence):
    """A browser that asks one process after the other."""
    both = [servers.plain(), other_process(servers)]
    browser = Everywhere(both, evidence.timeline, patience=servers.patience)
    evidence.watch(both[0])
    yield browser
    await browser.leave()


@pytest.fixture
def join(everywhere, accounts):
    """A function that opens a tab on a room for somebody, on one process after the other."""
    return Process(everywhere, accounts).join


@pytest.fixture
def door(everywhere, accounts):
    """The door of the rooms, and their ticket office: of one process after the other."""
    return Door(everywhere, accounts)


@pytest.fixture
def door_where(servers, evidence, accounts):
    """A function that returns the door of one more process, in another environment."""

    def door(name, **environment):
        server = servers.alongside(name, environment=environment)
        return Door(Client(server, evidence.timeline, patience=servers.patience), accounts)

    return door


@pytest.fixture(scope="session")
async def sessions(servers, accounts):
    """People who have logged in, on one process or the other."""
    sessions = Sessions(servers.plain(), accounts, "sue", "max", "lou")
    yield sessions
    await sessions.end()


@pytest.fixture
def busy(before, servers):
    """Another process, which can be made to stand still."""
    settings = OVERLAYS / "busy_settings.py"
    overlay = {settings.name: settings.read_text(encoding="utf-8")}
    return before(servers.alongside("busy", overlay, settings=settings.stem))


@pytest.fixture
def unseen(one):
    """The first process, before people whose doings would make a long story."""
    one.visitor.timeline = Timeline()
    return one


@pytest.fixture
def patient(unseen):
    """The same, before so many that a busy machine may take its time for them."""
    unseen.visitor.patience = Patience(30)
    return unseen


@pytest.fixture
async def outage(servers, accounts, evidence):
    outage = Outage(servers, accounts, evidence.timeline, str(SOON))
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def restarted(servers, accounts):
    """Processes whose Redis is emptied in a scene."""
    outage = Outage(servers, accounts, Timeline(), str(SOON))
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def missed(servers, accounts):
    """Processes whose Redis is away for a while in a scene."""
    outage = Outage(servers, accounts, Timeline(), str(SOON))
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def scenes(servers, accounts, restarted, missed):
    """The scenes of `scenes`, all of them begun."""
    soon, talking_on, later = [
        {"PRESENCE_SECONDS": str(seconds)} for seconds in (SOON, TALKING, LATER)
    ]
    quiet, left_alone, looked_from = [
        servers.alongside(name, environment=soon) for name in ("quiet", "left alone", "looked from")
    ]
    stays = servers.alongside("stays", environment=talking_on)
    outlives, killed, killed_too = [
        servers.alongside(name, environment=later) for name in ("outlives", "killed", "killed too")
    ]
    back, bereft = [
        [outage.serve(name) for name in ("one", "other")] for outage in (restarted, missed)
    ]
    # `quiet` serves one scene alone: the layer of a process that hears anything is not idle.
    scenes = {
        "idle": Scene(idle, quiet, seconds=LONG),
        "deserted": Scene(deserted, left_alone, looked_from, seconds=2 * SOON),
        "talking": Scene(talking, stays, seconds=0),
        "moments": Scene(moments, servers.plain(), seconds=0),
        # A process of their own: where one thread serves all tabs, it may wait for who reads nothing.
        "slow": Scene(slow, servers.plain(), servers.alongside("held up"), seconds=LONG),
        "left": Scene(left, stays, seconds=LONG),
        "lost": Scene(
            lost, outlives, killed, seconds=GRANTED, look=partial(is_without_them, "lost", 2)
        ),
        "all lost": Scene(
            all_lost,
            outlives,
            killed_too,
            seconds=GRANTED,
            look=partial(is_without_them, "all lost", 1),
        ),
        # Eighty come and go there: a busy machine may notice late who has.
        "emptied": Scene(
            emptied(restarted),
            *back,
            seconds=0,
            timeline=restarted.timeline,
            patience=2 * LONG,
        ),
        # After that, whoever waits for Redis may wait a little longer each time.
        "away": Scene(away(missed), *bereft, seconds=LONG, timeline=missed.timeline),
    }
    for scene in scenes.values():
        scene.start(accounts)
    yield scenes
    for scene in scenes.values():
        await scene.close()
    for server in [*back, *bereft]:
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def _scenes_begin_early(request):
    if any("scene" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("scenes")


@pytest.fixture
def scene(evidence, scenes):
    """A coroutine function that waits for a scene's end, and makes its story that of this check."""

    async def scene(name):
        evidence.timeline = scenes[name].timeline
        evidence.watch(scenes[name].server, 0)
        return await scenes[name].held()

    return scene


@pytest.fixture
def manage(servers, accounts, environment, lesson):
    """Whoever runs `manage.py`."""
    return Manager(servers.supervisor, servers.project, environment, lesson)


@pytest.fixture
def transaction(servers, accounts, lesson, environment):
    """A context manager that announces something first, and ends the transaction at its end."""
    script = OVERLAYS / "announce_and_wait.py"
    shutil.copy(script, servers.project)
    start = partial(servers.supervisor.start_program, servers.project)
    return partial(paused_script, lesson, start, environment, script.name)


@pytest.fixture(scope="session")
def elsewhere(servers, accounts):
    """Two more processes of the target, with a Redis that wants a password, and no other's."""
    redis = servers.supervisor.another_redis(guarded=True)
    yield [
        servers.alongside(name, environment={"REDIS_URL": redis.url})
        for name in ("elsewhere", "elsewhere too")
    ]
    redis.stop()
