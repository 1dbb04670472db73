"""What the checks of this lesson speak in: people before two processes of one chat."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from channels_workshop.checking.accounts import Accounts
from channels_workshop.checking.agreement import Departure
from channels_workshop.checking.client import Client
from channels_workshop.checking.goodbyes import Goodbyes
from channels_workshop.checking.patience import Patience
from channels_workshop.checking.plugin import LOG, STORY
from channels_workshop.checking.processes import Process, succeed, waiting
from channels_workshop.checking.timeline import Timeline
from channels_workshop.serving.nginx import NginxRefuses, start_nginx
from channels_workshop.serving.redis import start_redis
from channels_workshop.serving.server import Server

OVERLAYS = Path(__file__).with_name("overlays")

#: Seconds, for the servers on which somebody is to expire.
SOON = "2"
#: Seconds: longer than redis-py 8 waits for a Redis that has nothing to say, and four times SOON.
HOLD = 8


@pytest.fixture(scope="session")
def serving(backstage):
    return {"migrate": True, "environment": {"REDIS_URL": backstage.redis.url}}


@pytest.fixture(scope="session")
def accounts(session):
    session.plain()  # which lays the database out
    session.flush_redis()
    return Accounts(session.project)


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
def one(before, session):
    """One process of the chat."""
    return before(session.plain())


@pytest.fixture
def other(before, session):
    """Another process of the same chat."""
    return before(session.alongside("other", {}))


@pytest.fixture
def busy(before, session):
    """Another process, which can be made to stand still."""
    settings = OVERLAYS / "busy_settings.py"
    overlay = {settings.name: settings.read_text(encoding="utf-8")}
    return before(session.alongside("busy", overlay, settings=settings.stem))


@pytest.fixture
def unseen(one):
    """The first process, before people whose doings would make a long story."""
    one.visitor.timeline = Timeline()
    return one


@pytest.fixture
async def door(request, session, accounts, timeline):
    """A function that runs an nginx.conf before two processes of one chat: the way in for people.

    Its `serving` says more of how the processes are served.
    """
    async with AsyncExitStack() as kept:

        def door(configuration, **serving):
            environment = {"REDIS_URL": session.backstage.redis.url}
            servers = []
            for name in ("app1", "app2"):
                log = session.folder / f"{request.node.name}-{name}.log"
                servers.append(
                    session.backstage.serve(
                        session.project, log, environment=environment, **serving
                    )
                )
                kept.callback(servers[-1].stop)
            request.node.stash[LOG] = (servers[0], 0)
            try:
                nginx = start_nginx(configuration, servers)
            except NginxRefuses as refusal:
                raise Departure("nginx -t: ok", refusal.words.strip()) from None
            kept.callback(nginx.stop)
            at = Server(nginx.process, nginx.port, session.project, nginx.log)
            client = Client(at, timeline, patience=session.patience)
            kept.push_async_callback(client.leave)
            return Process(client, accounts)

        yield door


class Outage:
    """Two processes of one chat, with a Redis of their own to be taken away and given back."""

    def __init__(self, session, accounts, timeline):
        self._redis = start_redis()
        self._session = session
        self.timeline = timeline
        self._accounts = accounts
        self._environment = {"REDIS_URL": self._redis.url, "PRESENCE_SECONDS": SOON}
        self._opened = []

    def serve(self, name):
        """Start one more server."""
        return self._session.backstage.serve(
            self._session.project,
            self._session.folder / f"{name}-{self._redis.port}.log",
            environment=self._environment,
        )

    def process(self, name):
        """Start one more process."""
        server = self.serve(name)
        # Of its own: whatever others have waited for in vain, here something has to take its time.
        client = Client(server, self.timeline, patience=Patience())
        self._opened.append((client, server))
        return Process(client, self._accounts)

    @property
    def server(self):
        return self._opened[0][1]

    def begins(self):
        """Take Redis away."""
        self.timeline.note("Redis", "drops")
        self._redis.stop()

    def ends(self):
        """Start it again, empty, where it was."""
        self._redis = start_redis(self._redis.port)
        self.timeline.note("Redis", "connects")

    async def close(self):
        for client, server in self._opened:
            await client.leave()
            server.stop()
        self._redis.stop()


@pytest.fixture
async def outage(session, accounts, timeline):
    outage = Outage(session, accounts, timeline)
    yield outage
    await outage.close()


class Scene:
    """What some people do in a room of their own while the other checks run, and its story."""

    def __init__(self, begin, *servers, timeline=None):
        self.timeline = timeline or Timeline()
        self.server = servers[0]
        self._clients = [Client(s, self.timeline, patience=Patience(HOLD)) for s in servers]
        self._begin = begin
        self._begun = None

    def start(self, accounts):
        processes = [Process(client, accounts) for client in self._clients]
        self._begun = asyncio.create_task(self._play(processes))

    async def _play(self, processes):
        people = await self._begin(*processes)
        await asyncio.sleep(HOLD)  # the one hold of all checks
        return [*processes, *people]

    async def held(self):
        """Return the processes, then the people, after the hold. Raises what went wrong."""
        return await self._begun

    async def close(self):
        self._begun.cancel()
        await asyncio.gather(self._begun, return_exceptions=True)
        for client in self._clients:
            await client.leave()


@pytest.fixture(scope="session")
async def long_outage(session, accounts):
    """An outage that outlasts several heartbeats: it is begun in a scene, and ended by its check."""
    outage = Outage(session, accounts, Timeline())
    yield outage
    await outage.close()


@pytest.fixture(scope="session")
async def scenes(session, accounts, long_outage):
    """Scenes that take their time: begun with the first check, looked at by the last ones."""
    soon = {"PRESENCE_SECONDS": SOON}
    quiet, stays, killed = [
        session.alongside(name, {}, environment=soon) for name in ("quiet", "stays", "killed")
    ]

    async def idle(process):
        return [await process.arrives("idle", user) for user in ("ann", "bob")]

    async def left(process):
        ann, bob = [await process.arrives("left", user) for user in ("ann", "bob")]
        await ann.comes_to_see(2, 2)
        await bob.leave()
        await ann.comes_to_see(1, 1)
        del ann.counts[:-1]
        return [ann]

    async def lost(process, other):
        ann = await process.arrives("lost", "ann")
        for user in ("bob", "eve"):
            await other.arrives("lost", user)
        await ann.comes_to_see(3, 3)
        other.visitor.timeline.note("process", "drops", "kill -9")
        killed.stop()
        return [ann]

    async def cut_off(process, other):
        ann = await process.arrives("cut off", "ann")
        bob, eve = [await other.arrives("cut off", user) for user in ("bob", "eve")]
        await ann.comes_to_see(3, 3)
        long_outage.begins()
        await bob.leave()
        return [ann, eve]

    cut = [long_outage.serve(name) for name in ("one", "other")]
    scenes = {
        "idle": Scene(idle, quiet),
        "cut off": Scene(cut_off, *cut, timeline=long_outage.timeline),
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
def scene(request, scenes):
    """A function that waits for a scene's end, and makes its story that of this check."""

    async def scene(name):
        request.node.stash[STORY] = scenes[name].timeline
        request.node.stash[LOG] = (scenes[name].server, 0)
        return await scenes[name].held()

    return scene


@pytest.fixture
def environment(session):
    """The environment of the chat's own commands."""
    return {"REDIS_URL": session.backstage.redis.url}


@pytest.fixture
def manage(session, accounts, environment):
    """A coroutine function that runs commands of `manage.py`; it returns what the last printed."""
    return partial(succeed, session.project, environment)


@pytest.fixture
def transaction(session, accounts, environment):
    """A context manager that announces something first, and commits that at its end."""
    script = OVERLAYS / "announce_and_wait.py"
    shutil.copy(script, session.project)
    return partial(waiting, session.project, environment, script.name)


@pytest.fixture(scope="session")
def elsewhere(session, accounts):
    """One more process of the target, with a Redis that the reference does not share."""
    redis = start_redis()
    yield session.alongside("elsewhere", {}, environment={"REDIS_URL": redis.url})
    redis.stop()
