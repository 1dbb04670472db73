"""A real server, for the tests that need one."""

# --8<-- [start:server]
import asyncio
import socket

import pytest
import uvicorn

from config.asgi import application


@pytest.fixture
async def server():
    """Serve the project on a free port; return its address as `host:port`."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_config=None)
    uvicorn_server = uvicorn.Server(config)
    serving = asyncio.create_task(uvicorn_server.serve(sockets=[listener]))
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    uvicorn_server.should_exit = True
    await serving
    # --8<-- [end:server]
