"""The chat as a plain ASGI application: no consumer class, only the channel layer beneath it."""

import asyncio
import json

from channels.layers import get_channel_layer

from .frames import BadFrame, error_frame, read_message
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400


async def chat(scope, receive, send):
    """Serve one open tab, from its handshake to its end."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    room = scope["url_route"]["kwargs"]["room"]
    if not is_room_name(room):
        await send({"type": "websocket.send", "text": error_frame("bad_room")})
        await send({"type": "websocket.close", "code": ROOM_REFUSED})
        return
    layer = get_channel_layer()
    group, channel = group_name(room), await layer.new_channel()
    await layer.group_add(group, channel)
    delivery = asyncio.create_task(deliver(layer, channel, send))
    try:
        await listen(layer, group, receive, send)
    finally:
        delivery.cancel()
        await layer.group_discard(group, channel)


async def listen(layer, group, receive, send):
    """Pass what the tab says on to its group, until the tab is gone."""
    while (event := await receive())["type"] == "websocket.receive":
        try:
            message = read_message(event.get("text"))
        except BadFrame as error:
            await send({"type": "websocket.send", "text": error_frame(error.code)})
        else:
            await layer.group_send(group, {"type": "chat.message", "message": message})


async def deliver(layer, channel, send):
    """Pass what the group says on to the tab, until cancelled."""
    while True:
        event = await layer.receive(channel)
        await send({"type": "websocket.send", "text": json.dumps({"message": event["message"]})})
