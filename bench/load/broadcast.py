"""The peer of `bench chat`: a bare `websockets` server that broadcasts whatever it gets.

No Django, no rooms, no Redis, nothing read or checked. Prints the port once it listens.
"""

import asyncio

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosedError

connections: set[ServerConnection] = set()


async def relay(connection):
    connections.add(connection)
    try:
        async for message in connection:
            broadcast(connections, message)
    except ConnectionClosedError:
        pass  # a client that is gone is no news
    finally:
        connections.discard(connection)


async def main():
    async with serve(relay, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
