"""What stands behind the atlas: one consumer for each way to end a connection, under one server.

    python served.py uvicorn|daphne [--impatient] [--brief]

`--impatient`: it pings after a tenth of a second and waits as long for the answer. `--brief`, for
daphne: no connection may last longer than a second, nor take longer to be accepted. It prints a JSON
document a line: first `{"port", "pid"}`, then, whenever an application has ended, `{"path", "told"}`:
the code that the consumer's `disconnect` was called with, `untold` where it was not called, `unmade`
where there was never a consumer.
"""

import asyncio
import json
import logging
import os
import socket
import sys

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

#: Bytes of the largest message that the server takes; daphne sends none that is larger, either.
LARGEST = 65_536
#: Bytes of an answer that is larger than a client may want.
ANSWER = 2000
#: The only page that may open `/origin/`.
HOME = "http://home.example"
#: Seconds: how impatient a server is that is `--impatient`, and what `--brief` allows.
SOON, BRIEF = 0.1, 1
#: Bytes that are more than all buffers between two programs on one machine hold.
MUCH = 32 * 1024 * 1024

urlpatterns = []  # of this project: it has no pages


class Watched(AsyncWebsocketConsumer):
    """Accepts, stays, and notes what it is told of the end."""

    async def websocket_connect(self, message):
        self.scope["told"][:] = ["untold"]
        await super().websocket_connect(message)

    async def disconnect(self, code):
        self.scope["told"][:] = [code]


class Raises(Watched):
    async def receive(self, text_data=None, bytes_data=None):
        raise RuntimeError("something is wrong")


class RaisesAtOnce(Watched):
    async def connect(self):
        raise RuntimeError("something is wrong")


class Refuses(Watched):
    async def connect(self):
        await self.close(code=4401)


class Hesitates(Watched):
    async def connect(self):
        await asyncio.Event().wait()


class ClosesWithACode(Watched):
    async def connect(self):
        await self.accept()
        await self.close(code=4401, reason="Who are you?")


class Closes(Watched):
    async def connect(self):
        await self.accept()
        await self.close()


class AnswersAtLength(Watched):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send("x" * ANSWER)


class SendsMuch(Watched):
    async def receive(self, text_data=None, bytes_data=None):
        for _part in range(MUCH // LARGEST):
            await self.send(bytes_data=bytes(LARGEST))
            await asyncio.sleep(0)  # else it may all be sent before the server notices


ROUTES = {
    "stays": Watched,
    "raises": Raises,
    "raises-at-once": RaisesAtOnce,
    "refuses": Refuses,
    "hesitates": Hesitates,
    "closes-with-a-code": ClosesWithACode,
    "closes": Closes,
    "answers-at-length": AnswersAtLength,
    "sends-much": SendsMuch,
}


def routed():
    """Return the application: a path for each consumer, and one that only HOME may open."""
    routes = [path(f"{name}/<str:who>/", each.as_asgi()) for name, each in ROUTES.items()]
    guarded = OriginValidator(Watched.as_asgi(), [HOME])
    return ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": URLRouter([*routes, path("origin/<str:who>/", guarded)]),
        }
    )


class Application:
    """The application, which says what each connection's consumer was told when it ended."""

    def __init__(self):
        self.routed = routed()

    async def __call__(self, scope, receive, send):
        told = ["unmade"]
        try:
            await self.routed({**scope, "told": told}, receive, send)
        finally:
            if scope["type"] == "websocket":
                say(path=scope["path"], told=told[0])


def say(**document):
    # One write: lines of the log come by the same way.
    os.write(1, (json.dumps(document) + "\n").encode())


def serve_with_uvicorn(listener, port, wanted):
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            say(port=port, pid=os.getpid())

    limits = {}
    if "--impatient" in wanted:
        limits = {"ws_ping_interval": SOON, "ws_ping_timeout": SOON}
    config = uvicorn.Config(
        Application(), log_config=None, lifespan="off", ws_max_size=LARGEST, **limits
    )
    Server(config).run(sockets=[listener])


def serve_with_daphne(listener, port, wanted):
    from daphne.server import Server
    from twisted.internet import reactor

    limits = {}
    if "--impatient" in wanted:
        limits = {"ping_interval": SOON, "ping_timeout": SOON}
    if "--brief" in wanted:
        limits = {"websocket_timeout": BRIEF, "websocket_connect_timeout": BRIEF}
    server = Server(
        Application(),
        endpoints=[f"fd:fileno={listener.fileno()}"],
        websocket_max_message_size=LARGEST,
        ready_callable=lambda: reactor.callLater(0, say, port=port, pid=os.getpid()),
        **limits,
    )
    server.run()


def main():
    logging.disable()
    settings.configure(
        SECRET_KEY="of a project without users", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__
    )
    django.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    serve = {"uvicorn": serve_with_uvicorn, "daphne": serve_with_daphne}[sys.argv[1]]
    serve(listener, listener.getsockname()[1], sys.argv[2:])


if __name__ == "__main__":
    main()
