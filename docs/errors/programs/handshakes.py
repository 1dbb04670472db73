"""Handshakes that fail, and connections that end: what the client sees, what the server logs."""

import asyncio
import socket

from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from websockets.asyncio.client import connect

from playground import asked, project, served, talk


# --8<-- [start:closed-before-accept]
async def closed_before_accept():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.close(code=4401)  # before accept(): the code is not sent

    await asked(Chat.as_asgi())


# --8<-- [end:closed-before-accept]


# --8<-- [start:foreign-origin]
async def foreign_origin():
    project()
    from channels.security.websocket import AllowedHostsOriginValidator

    guarded = AllowedHostsOriginValidator(AsyncWebsocketConsumer.as_asgi())
    async with served(guarded) as url:
        await talk(url, origin="http://evil.example")
        await talk(url)  # none at all, as a program does it


# --8<-- [end:foreign-origin]


# --8<-- [start:no-websocket-library]
async def no_websocket_library():
    project()
    from django.core.asgi import get_asgi_application

    async with served(get_asgi_application(), ws="none") as url:
        await talk(f"{url}ws/chat/")


# --8<-- [end:no-websocket-library]


# --8<-- [start:exception-in-connect]
async def exception_in_connect():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            raise RuntimeError("something is wrong")

    await asked(Chat.as_asgi())


# --8<-- [end:exception-in-connect]


# --8<-- [start:accepted-after-close]
async def accepted_after_close():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.close()  # a `return` is missing
            await self.accept()

    await asked(Chat.as_asgi())


# --8<-- [end:accepted-after-close]


# --8<-- [start:sent-before-accept]
async def sent_before_accept():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.send("welcome")
            await self.accept()

    await asked(Chat.as_asgi())


# --8<-- [end:sent-before-accept]


# --8<-- [start:accepted-twice]
async def accepted_twice():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.accept()
            await super().connect()  # accepts, too

    await asked(Chat.as_asgi())


# --8<-- [end:accepted-twice]


# --8<-- [start:sent-after-close]
async def sent_after_close():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.close()
            await self.send("one more thing")

    await asked(Chat.as_asgi(), "hello")


# --8<-- [end:sent-after-close]


# --8<-- [start:denied-outside]
async def denied_outside():
    project()

    async def middleware(scope, receive, send):
        raise DenyConnection()

    await asked(middleware)


# --8<-- [end:denied-outside]


# --8<-- [start:no-close-frame]
async def no_close_frame():
    class Chat(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            raise RuntimeError("something is wrong")

    project()
    await asked(Chat.as_asgi(), "hello")


# --8<-- [end:no-close-frame]


# --8<-- [start:private-code]
async def private_code():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.accept()
            await self.close(code=4401, reason="Who are you?")

    await asked(Chat.as_asgi())


# --8<-- [end:private-code]


# --8<-- [start:too-big]
async def too_big():
    project()
    async with served(AsyncWebsocketConsumer.as_asgi(), ws_max_size=1000) as url:
        await talk(url, "x" * 1001)


# --8<-- [end:too-big]


# --8<-- [start:service-restart]
async def service_restart():
    import uvicorn

    project()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(AsyncWebsocketConsumer.as_asgi(), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}", proxy=None) as tab:
        server.should_exit = True  # what SIGTERM and --reload do
        await tab.wait_closed()
        print(f"client: {tab.close_code} {tab.close_reason}")
    await task


# --8<-- [end:service-restart]


# --8<-- [start:ping-timeout]
async def ping_timeout():
    from websockets.client import ClientProtocol
    from websockets.uri import parse_uri

    project()
    async with served(
        AsyncWebsocketConsumer.as_asgi(), ws_ping_interval=0.1, ws_ping_timeout=0.1
    ) as url:
        protocol = ClientProtocol(parse_uri(url))
        reader, writer = await asyncio.open_connection(protocol.uri.host, protocol.uri.port)
        protocol.send_request(protocol.connect())
        writer.write(b"".join(protocol.data_to_send()))
        while data := await reader.read(4096):  # reads, and never answers a ping
            last_frame = data
        print(f"client: {int.from_bytes(last_frame[2:4])} {last_frame[4:].decode()}")
        writer.close()


# --8<-- [end:ping-timeout]


# --8<-- [start:keepalive-of-the-client]
async def keepalive_of_the_client():
    from websockets.asyncio.server import serve

    async def silent(connection):
        connection.transport.pause_reading()  # as a process that hangs
        await asyncio.Event().wait()

    server = await serve(silent, "127.0.0.1", 0, close_timeout=0.1)
    port = server.sockets[0].getsockname()[1]
    await talk(f"ws://127.0.0.1:{port}/", ping_interval=0.1, ping_timeout=0.1, close_timeout=0)


# --8<-- [end:keepalive-of-the-client]


# --8<-- [start:connect-refused]
async def connect_refused():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    await connect(f"ws://127.0.0.1:{port}/", proxy=None)  # nobody listens there any more


# --8<-- [end:connect-refused]


# --8<-- [start:wrong-scheme]
async def wrong_scheme():
    await connect("http://127.0.0.1:8000/ws/chat/", proxy=None)


# --8<-- [end:wrong-scheme]


# --8<-- [start:secure-to-plain]
async def secure_to_plain():
    project()
    async with served(AsyncWebsocketConsumer.as_asgi()) as url:
        try:
            await connect(url.replace("ws:", "wss:"), proxy=None)
        except OSError as error:
            print(f"client: {type(error).__name__}: {error}")


# --8<-- [end:secure-to-plain]


# --8<-- [start:subprotocol]
async def subprotocol():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            await self.accept(subprotocol="chat.v2")  # the client has not offered it

    await asked(Chat.as_asgi(), subprotocols=["chat.v1"])


# --8<-- [end:subprotocol]
