"""Fixtures of this lesson's checks: people before two processes of one chat."""

import shutil
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

import announcing
from channels_workshop.chat_checks.accounts import Accounts
from channels_workshop.judging.client import Client
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.redis import start_redis
from goodbyes import Goodbyes
from many_processes import Process
from nginx_proxy import start_nginx
from outages import Outage
from scenes import Scene, cut_off, idle, left, lost

OVERLAYS = Path(__file__).with_name("overlays")

#: Seconds, for the servers on which somebody is to expire.
SOON = "2"


@pytest.fixture(scope="session")
def environment(supervisor):
    """Of the project: its servers and its own commands."""
    return {"REDIS_URL": supervisor.redis.url}


@pytest.fixture(scope="session")
def options(environment):
    return ServerOptions(environment=environment, migrate=True)


@pytest.fixture(scope="session")
def accounts(servers):
    servers.plain()  # which makes the database
    servers.flush_redis()
    return Accounts(servers.project)


@pytest.fixture(scope="session")
def goodbyes():
    return Goodbyes()


@pytest.fixture
async def before(visit, accounts, goodbyes):
    """A function that brings people before a process. All are gone before the next check begins."""
    processes = []

    def before(server):
        processes.append(Process(visit(server), accounts))
        return processes[-1]

    yield before
    for process in processes:
        await process.visitor.leave()
    for process in processes:
        await goodbyes.wait(process.visitor.server)


@pytest.fixture
def one(before, servers):
    """One process of the chat."""
    return before(servers.plain())


@pytest.fixture
def other(before, servers):
    """Another process of the same chat."""
    return before(servers.alongside("other"))


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
async def behind_nginx(request, servers, accounts, evidence):
    """A function that runs an nginx.conf in front of two processes of one chat, served by options.

    It returns what people see of them: one address.
    """
    async with AsyncExitStack() as kept:

        def behind_nginx(configuration, options):
            backends = []
            for name in ("app1", "app2"):
                backends.append(servers.another(f"{request.node.name}-{name}", options))
                kept.callback(backends[-1].stop)
            evidence.watch(backends[0], 0)
            nginx = start_nginx(configuration, backends)
            kept.callback(nginx.stop)
            client = Client(nginx, evidence.timeline, patience=servers.patience)
            kept.push_async_callback(client.leave)
            return Process(client, accounts)

        yield behind_nginx


@pytest.fixture
async def outage(servers, accounts, evidence):
    outage = Outage(servers, accounts, evidence.timeline, SOON)
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def long_outage(servers, accounts):
    """An outage that outlasts several heartbeats: it is begun in a scene, and ended by its check."""
    outage = Outage(servers, accounts, Timeline(), SOON)
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def scenes(servers, accounts, long_outage):
    """The scenes of `scenes`, all of them begun."""
    soon = {"PRESENCE_SECONDS": SOON}
    quiet, stays, killed = [
        servers.alongside(name, environment=soon) for name in ("quiet", "stays", "killed")
    ]
    cut = [long_outage.serve(name) for name in ("one", "other")]
    scenes = {
        "idle": Scene(idle, quiet),
        "cut off": Scene(cut_off(long_outage), *cut, timeline=long_outage.timeline),
        "left": Scene(left, stays),
        "lost": Scene(lost, stays, killed),
    }
    for scene in scenes.values():
        scene.start(accounts)
    yield scenes
    for scene in scenes.values():
        await scene.close()
    for server in cut:
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
def manage(servers, accounts, environment):
    """A coroutine function that runs commands of `manage.py`; it returns what they have printed."""
    return partial(announcing.manage, servers.project, environment)


@pytest.fixture
def transaction(servers, accounts, lesson, environment):
    """A context manager that announces something first, and commits that at its end."""
    script = OVERLAYS / "announce_and_wait.py"
    shutil.copy(script, servers.project)
    return partial(announcing.paused_script, lesson, servers.project, environment, script.name)


@pytest.fixture(scope="session")
def elsewhere(servers, accounts):
    """One more process of the target, with a Redis that the reference does not share."""
    redis = start_redis()
    yield servers.alongside("elsewhere", environment={"REDIS_URL": redis.url})
    redis.stop()
