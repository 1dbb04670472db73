"""Errors inside a consumer."""

import asyncio
import gc
import json

from asgiref.sync import async_to_sync
from channels.generic.websocket import (
    AsyncJsonWebsocketConsumer,
    AsyncWebsocketConsumer,
    JsonWebsocketConsumer,
    WebsocketConsumer,
)

from playground import asked, project


class Chat(AsyncWebsocketConsumer):
    """A chat as short as it gets."""

    async def connect(self):
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "chat.message", "text": text_data})

    async def chat_message(self, event):
        await self.send(event["text"])


# --8<-- [start:no-bytes]
async def no_bytes():
    project()

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data):
            await self.send(text_data)

    await asked(Echo.as_asgi(), b"a binary frame")


# --8<-- [end:no-bytes]


# --8<-- [start:no-code]
async def no_code():
    from channels.testing import WebsocketCommunicator

    project()

    class Leaver(AsyncWebsocketConsumer):
        async def disconnect(self):
            print("never reached")

    tab = WebsocketCommunicator(Leaver.as_asgi(), "/")
    await tab.connect()
    await tab.disconnect()


# --8<-- [end:no-code]


# --8<-- [start:no-handler]
async def no_handler():
    project()

    class Misspelt(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.channel_layer.group_send("room", {"type": "chat.mesage", "text": text_data})

    await asked(Misspelt.as_asgi(), "hello")


# --8<-- [end:no-handler]


# --8<-- [start:no-type]
async def no_type():
    project()

    class Typeless(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.channel_layer.group_send("room", {"message": text_data})

    await asked(Typeless.as_asgi(), "hello")


# --8<-- [end:no-type]


# --8<-- [start:client-type]
async def client_type():
    project()

    class Trusting(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.channel_layer.group_send("room", json.loads(text_data))

    await asked(Trusting.as_asgi(), '{"type": "websocket.disconnect"}')


# --8<-- [end:client-type]


# --8<-- [start:never-awaited]
async def never_awaited():
    project()

    class Forgetful(Chat):
        async def connect(self):
            self.channel_layer.group_add("room", self.channel_name)  # `await` is missing
            await self.accept()
            await self.close()

    await asked(Forgetful.as_asgi())


# --8<-- [end:never-awaited]


# --8<-- [start:send-never-awaited]
async def send_never_awaited():
    project()

    class Forgetful(Chat):
        async def connect(self):
            await self.accept()
            self.send("welcome")  # `await` is missing
            await self.close()

    await asked(Forgetful.as_asgi())


# --8<-- [end:send-never-awaited]


# --8<-- [start:not-json]
async def not_json():
    project()

    class Json(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            json.loads(text_data)

    await asked(Json.as_asgi(), "hello")


# --8<-- [end:not-json]


# --8<-- [start:no-message-key]
async def no_message_key():
    project()

    class Json(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            print(json.loads(text_data)["message"])

    await asked(Json.as_asgi(), '{"text": "hello"}')


# --8<-- [end:no-message-key]


# --8<-- [start:list-indices]
async def list_indices():
    project()

    class Json(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            print(json.loads(text_data)["message"])

    await asked(Json.as_asgi(), '["hello"]')


# --8<-- [end:list-indices]


# --8<-- [start:too-deep]
async def too_deep():
    project()

    class Json(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            json.loads(text_data)

    await asked(Json.as_asgi(), "[" * 50_000)


# --8<-- [end:too-deep]


# --8<-- [start:surrogates]
async def surrogates():
    project()

    class Json(Chat):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(json.dumps(json.loads(text_data), ensure_ascii=False))

    await asked(Json.as_asgi(), r'"half of a pair: \ud83d"')


# --8<-- [end:surrogates]


# --8<-- [start:empty-for-none]
async def empty_for_none():
    project()

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(text_data=text_data or None, bytes_data=bytes_data or None)

    await asked(Echo.as_asgi(), "")


# --8<-- [end:empty-for-none]


# --8<-- [start:no-text-section]
async def no_text_section():
    project()
    await asked(JsonWebsocketConsumer.as_asgi(), b"a binary frame")


# --8<-- [end:no-text-section]


# --8<-- [start:dict-sent]
async def dict_sent():
    project()

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send({"message": text_data})  # json.dumps({…})

    await asked(Echo.as_asgi(), "hello")


# --8<-- [end:dict-sent]


# --8<-- [start:not-serializable]
async def not_serializable():
    import datetime

    project()

    class Clock(AsyncJsonWebsocketConsumer):
        async def receive_json(self, content):
            await self.send_json({"at": datetime.datetime.now()})

    await asked(Clock.as_asgi(), "{}")


# --8<-- [end:not-serializable]


# --8<-- [start:async-in-async]
async def async_in_async():
    project()

    class Mixed(Chat):
        async def connect(self):
            async_to_sync(self.channel_layer.group_add)("room", self.channel_name)

    await asked(Mixed.as_asgi())


# --8<-- [end:async-in-async]


# --8<-- [start:async-in-sync]
async def async_in_sync():
    project()

    class Mixed(WebsocketConsumer):  # a synchronous one
        async def receive(self, text_data=None, bytes_data=None):
            await self.send(text_data)

    from channels.testing import WebsocketCommunicator

    tab = WebsocketCommunicator(Mixed.as_asgi(), "/")
    await tab.connect()
    await tab.send_to(text_data="hello")
    await tab.receive_nothing()


# --8<-- [end:async-in-sync]


# --8<-- [start:sync-in-async]
async def sync_in_async():
    project()

    class Mixed(AsyncWebsocketConsumer):
        def receive(self, text_data=None, bytes_data=None):  # `async` is missing
            print(text_data)

    await asked(Mixed.as_asgi(), "hello")


# --8<-- [end:sync-in-async]


# --8<-- [start:group-name]
async def group_name():
    project()

    class Cyrillic(Chat):
        async def connect(self):
            await self.channel_layer.group_add("chat_комната", self.channel_name)

    await asked(Cyrillic.as_asgi())


# --8<-- [end:group-name]


# --8<-- [start:no-channel-layer]
async def no_channel_layer():
    project(CHANNEL_LAYERS={})
    await asked(Chat.as_asgi())


# --8<-- [end:no-channel-layer]


# --8<-- [start:groups-unsupported]
async def groups_unsupported():
    project(CHANNEL_LAYERS={})

    class Grouped(AsyncWebsocketConsumer):
        groups = ["news"]

    await asked(Grouped.as_asgi())


# --8<-- [end:groups-unsupported]


# --8<-- [start:task-exception]
async def task_exception():
    async def heartbeat():
        raise RuntimeError("something is wrong")

    task = asyncio.create_task(heartbeat())
    await asyncio.wait([task])
    del task  # nobody has awaited it, so nobody has seen the exception


# --8<-- [end:task-exception]


# --8<-- [start:task-destroyed]
def task_destroyed():
    async def heartbeat():
        await asyncio.Event().wait()

    async def start():
        asyncio.create_task(heartbeat())
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(start())
    loop.close()  # and the heartbeat was neither awaited nor cancelled
    del loop
    gc.collect()


# --8<-- [end:task-destroyed]
