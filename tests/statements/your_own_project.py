"""What the page "Add Channels to your own project" says that its steps alone do not show.

Which sentence each proof belongs to stands in `your_own_project.toml`; `tests/test_statements.py` runs
this file in a process of its own, because Django's settings are global.
"""

import asyncio
import sys
from importlib.metadata import requires

from django.conf import settings
from proving import proof, report

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402


@proof
async def the_standard_extra_brings_websockets_and_watchfiles():
    optional = [line for line in requires("uvicorn") if "extra == 'standard'" in line]
    for name in ("websockets", "watchfiles"):
        assert any(line.startswith(name) for line in optional)


@proof
async def channels_brings_django():
    assert any(line.startswith("Django") for line in requires("channels"))


@proof
async def groups_are_joined_before_connect_and_left_at_the_end():
    members = []  # of the group, in `connect`

    class Grouped(AsyncWebsocketConsumer):
        groups = ["notes"]

        async def connect(self):
            members.extend(get_channel_layer().groups["notes"])
            await super().connect()

    page = WebsocketCommunicator(Grouped.as_asgi(), "/")
    assert await page.connect() == (True, None)
    assert len(members) == 1
    await page.disconnect()
    assert get_channel_layer().groups == {}


@proof
async def channels_testing_imports_daphne():
    program = "import sys; sys.modules['daphne'] = None; import channels.testing"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE
    )
    _, printed = await process.communicate()
    assert process.returncode == 1
    assert b"daphne" in printed.splitlines()[-1]


if __name__ == "__main__":
    report()
