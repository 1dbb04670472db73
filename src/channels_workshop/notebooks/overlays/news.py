"""News, told in four ways by one bare ASGI application: message `n` is the same in each of them."""

import json
from urllib.parse import parse_qs


def text_of(number):
    return json.dumps({"message": f"news number {number:04}"})


async def application(scope, receive, send):
    query = parse_qs(scope["query_string"].decode())
    number = int(query["number"][0])
    await WAYS[scope["path"]](number, receive, send)


async def answer(text, send, content_type=b"application/json"):
    headers = [(b"content-type", content_type), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


async def nothing_new(number, receive, send):
    await answer("[]", send)


async def one(number, receive, send):
    await answer(text_of(number), send)


async def events(number, receive, send):
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for each in range(number):
        body = f"data: {text_of(each)}\n\n".encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def socket(number, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    for each in range(number):
        await send({"type": "websocket.send", "text": text_of(each)})
    await send({"type": "websocket.close"})


WAYS = {"/nothing-new/": nothing_new, "/one/": one, "/events/": events, "/socket/": socket}
