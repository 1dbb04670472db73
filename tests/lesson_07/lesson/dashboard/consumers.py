"""The dashboard: it is sent readings, and shows the newest and the highest."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer


class Dashboard(AsyncJsonWebsocketConsumer):
    highest = float("-inf")

    # --8<-- [start:receive]
    async def receive_json(self, content):
        reading = content["reading"]
        self.highest = max(self.highest, reading)
        await self.send_json({"newest": reading, "highest": self.highest})

    # --8<-- [end:receive]
