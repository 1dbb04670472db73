"""Errors of channel layers and of Redis."""

import asyncio
import contextlib
import datetime
import socket
import subprocess

from channels.generic.websocket import AsyncWebsocketConsumer

from channels_workshop.processes.ports import free_port
from channels_workshop.processes.redis import find_program, start_redis
from playground import asked, project

CORE, PUBSUB = (
    "channels_redis.core.RedisChannelLayer",
    "channels_redis.pubsub.RedisPubSubChannelLayer",
)


@contextlib.contextmanager
def redis():
    """Start a Redis of our own; give its address."""
    server = start_redis()
    try:
        yield server.url
    finally:
        server.stop()


@contextlib.contextmanager
def redis_before_5():
    """Start a Redis that does not know the command which came with 5.0; give its address."""
    port = free_port()
    command = [str(find_program()[1]), "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    command += ["--rename-command", "BZPOPMIN", ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert any("eady to accept" in line for line in server.stdout)
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.kill()


def layer(backend, **config):
    """Set Django up with a channel layer; return it."""
    project(CHANNEL_LAYERS={"default": {"BACKEND": backend, "CONFIG": config}})
    from channels.layers import get_channel_layer

    return get_channel_layer()


# --8<-- [start:redis-refused]
async def redis_refused():
    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.channel_layer.group_add("room", self.channel_name)
            await self.accept()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    layer(PUBSUB, hosts=[f"redis://127.0.0.1:{port}"])  # nobody listens there any more
    await asked(Chat.as_asgi())


# --8<-- [end:redis-refused]


# --8<-- [start:idle-timeout]
async def idle_timeout():
    class Idle(AsyncWebsocketConsumer):
        async def disconnect(self, code):
            print("never called")

    with redis() as url:
        # redis-py 8 takes 5 s, and so does the layer's own waiting; less here, for you not to wait.
        layer(CORE, hosts=[{"address": url, "socket_timeout": 0.3}])
        await asked(Idle.as_asgi())


# --8<-- [end:idle-timeout]


# --8<-- [start:too-many-connections]
async def too_many_connections():
    with redis() as url:
        # redis-py 8 allows 100; one here, for a hundred and one clients would take longer.
        chat = layer(CORE, hosts=[{"address": url, "max_connections": 1}])
        waiting = asyncio.create_task(chat.receive("first"))
        await asyncio.sleep(0)  # it takes the only connection
        await asyncio.gather(chat.receive("second"), waiting)


# --8<-- [end:too-many-connections]


# --8<-- [start:max-clients]
async def max_clients():
    with redis() as url:
        from redis.asyncio import Redis

        async with Redis.from_url(url) as first, Redis.from_url(url) as second:
            await first.config_set("maxclients", 1)
            await second.ping()


# --8<-- [end:max-clients]


# --8<-- [start:hosts-no-list]
def hosts_no_list():
    layer(CORE, hosts="redis://127.0.0.1:6379")


# --8<-- [end:hosts-no-list]


# --8<-- [start:redis-scheme]
async def redis_scheme():
    chat = layer(CORE, hosts=["127.0.0.1:6379"])
    await chat.send("somebody", {"type": "news"})


# --8<-- [end:redis-scheme]


# --8<-- [start:integer-key]
async def integer_key():
    with redis() as url:
        chat = layer(CORE, hosts=[url])
        await chat.send("room", {"type": "scores", "by_player": {7: 3}})
        print("sent without an error")
        await chat.receive("room")


# --8<-- [end:integer-key]


# --8<-- [start:cannot-serialize]
async def cannot_serialize():
    with redis() as url:
        chat = layer(CORE, hosts=[url])
        await chat.send("room", {"type": "news", "at": datetime.datetime.now()})


# --8<-- [end:cannot-serialize]


# --8<-- [start:over-capacity]
async def over_capacity():
    with redis() as url:
        chat = layer(CORE, hosts=[url], capacity=2)
        mine = await chat.new_channel()
        await chat.group_add("room", mine)
        for number in range(3):  # and nobody receives
            await chat.group_send("room", {"type": "news", "number": number})


# --8<-- [end:over-capacity]


# --8<-- [start:channel-full]
async def channel_full():
    project()
    from channels.layers import InMemoryChannelLayer

    chat = InMemoryChannelLayer(capacity=2)
    for number in range(3):  # and nobody receives
        await chat.send("room", {"type": "news", "number": number})


# --8<-- [end:channel-full]


# --8<-- [start:not-in-process]
async def not_in_process():
    with redis() as url:
        chat = layer(PUBSUB, hosts=[url])
        await chat.group_add("room", "room")  # a group's name where a channel's name belongs


# --8<-- [end:not-in-process]


# --8<-- [start:channel-name]
async def channel_name():
    chat = layer("channels.layers.InMemoryChannelLayer")
    await chat.send("комната", {"type": "news"})


# --8<-- [end:channel-name]


# --8<-- [start:no-dictionary]
async def no_dictionary():
    chat = layer("channels.layers.InMemoryChannelLayer")
    await chat.group_send("room", "hello")


# --8<-- [end:no-dictionary]


# --8<-- [start:loop-closed]
def loop_closed():
    with redis() as url:
        from redis.asyncio import Redis

        client = Redis.from_url(url)  # made once, used in two event loops
        asyncio.run(client.ping())
        asyncio.run(client.ping())


# --8<-- [end:loop-closed]


# --8<-- [start:another-loop]
def another_loop():
    future = asyncio.new_event_loop().create_future()  # belongs to one event loop

    async def consumer():
        await future

    asyncio.run(consumer())  # runs in another


# --8<-- [end:another-loop]


# --8<-- [start:unknown-command]
async def unknown_command():
    with redis_before_5() as url:
        chat = layer(CORE, hosts=[url])
        await chat.receive("room")


# --8<-- [end:unknown-command]


# --8<-- [start:no-auth]
async def no_auth():
    with redis() as url:
        from redis.asyncio import Redis

        async with Redis.from_url(url) as keeper:
            await keeper.config_set("requirepass", "secret")
        from redis.exceptions import AuthenticationError

        for protocol in (3, 2):  # redis-py 8 speaks 3 unless it is told otherwise
            try:
                await Redis.from_url(url, protocol=protocol).ping()
            except AuthenticationError as error:
                print(f"{type(error).__name__}: {error}")


# --8<-- [end:no-auth]
