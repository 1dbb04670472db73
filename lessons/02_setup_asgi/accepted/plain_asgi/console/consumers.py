"""The echo as a function: one call for each open tab."""


async def echo(receive, send):
    """Send back what comes, until the tab is gone."""
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})
