"""The chat as a plain ASGI application: no consumer class, only the channel layer beneath it."""

import asyncio
import json

from channels.layers import get_channel_layer

from .frames import BadFrame, count_frame, error_frame, read_message
from .presence import online, present
from .rooms import group_name, is_room_name

ROOM_REFUSED = 4400
COUNT = {"type": "count"}


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
    try:
        with present(group, scope["session"].session_key or channel):
            await layer.group_send(group, COUNT)
            await both(deliver(layer, group, channel, send), listen(layer, group, receive, send))
    finally:
        await layer.group_discard(group, channel)
        await layer.group_send(group, COUNT)


async def both(*halves):
    """Run both until one of them ends, however it ends."""
    tasks = [asyncio.create_task(half) for half in halves]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


async def listen(layer, group, receive, send):
    """Pass what the tab says on to its group, until the tab is gone."""
    while (event := await receive())["type"] == "websocket.receive":
        try:
            message = read_message(event.get("text"))
        except BadFrame as error:
            await send({"type": "websocket.send", "text": error_frame(error.code)})
        else:
            await layer.group_send(group, {"type": "message", "message": message})


async def deliver(layer, group, channel, send):
    """Pass what the group says on to the tab, until cancelled."""
    while True:
        event = await layer.receive(channel)
        if event["type"] == "count":
            text = count_frame(*online(group))
        else:
            text = json.dumps({"message": event["message"]})
        await send({"type": "websocket.send", "text": text})
