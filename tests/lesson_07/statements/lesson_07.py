"""Proofs of what is said about software beside lesson 07."""

import json

from proving import proof, report, serving, use_project
from websockets.asyncio.client import connect

use_project("07_dashboard")

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402


@proof
async def json_comes_as_a_dictionary():
    class Repeats(AsyncJsonWebsocketConsumer):
        async def receive_json(self, content):
            await self.send_json([type(content).__name__])

    async with serving(Repeats.as_asgi()) as (host, _log):
        async with connect(f"ws://{host}/", proxy=None) as tab:
            await tab.send('{"reading": 1}')
            assert json.loads(await tab.recv()) == ["dict"]


if __name__ == "__main__":
    report()
