"""What the browser's console says: each page is a real one, in Chromium."""

import logging
import socket

from channels.generic.websocket import AsyncWebsocketConsumer

from channels_workshop.judging import browser as browsers
from playground import project, served

HTML = (b"content-type", b"text/html")


class Refusing(AsyncWebsocketConsumer):
    """Refuses everybody."""

    async def connect(self):
        await self.close()


class Talking(AsyncWebsocketConsumer):
    """Says something that is no JSON, as soon as somebody has come."""

    async def connect(self):
        await self.accept()
        await self.send('{"temperature": NaN}')


async def console(script, consumer=AsyncWebsocketConsumer):
    """Run a script in a page, where `address` is the server's and `done()` ends it."""
    project()
    logging.disable()  # what the server says is not the console's

    async def application(scope, receive, send):
        if scope["type"] == "websocket":
            await consumer.as_asgi()(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
            await send({"type": "http.response.body", "body": b"<link rel=icon href=data:,>"})

    async with served(application) as url, browsers.browser() as chromium:
        await shown(chromium, script, url, url.replace("ws:", "http:"))


async def shown(chromium, script, url, page_url="about:blank"):
    """Print what the console shows while the script runs."""
    page = await chromium.new_page()
    page.on("console", lambda message: print(f"console: {message.text}"))
    page.on("pageerror", lambda error: print(f"console: Uncaught {error.name}: {error.message}"))
    await page.goto(page_url)
    await page.evaluate(
        """([script, address]) => new Promise(done => {
            window.address = address;
            window.done = () => setTimeout(done);  // once the console has been told
            setTimeout(script);  // as a page's own: an error is one of the page
        })""",
        [script, url],
    )


# --8<-- [start:still-connecting]
async def still_connecting():
    await console("""
        const chat = new WebSocket(address);
        chat.onclose = done;
        setTimeout(() => chat.close());
        chat.send("hello");  // belongs into chat.onopen
    """)


# --8<-- [end:still-connecting]


# --8<-- [start:already-closing]
async def already_closing():
    await console("""
        const chat = new WebSocket(address);
        chat.onopen = () => { chat.close(); chat.send("hello"); };
        chat.onclose = done;
    """)


# --8<-- [end:already-closing]


# --8<-- [start:response-403]
async def response_403():
    await console(
        "new WebSocket(address).onclose = event => { console.log(event.code); done(); }", Refusing
    )


# --8<-- [end:response-403]


# --8<-- [start:browser-refused]
async def browser_refused():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with browsers.browser() as chromium:
        script = "new WebSocket(address).onclose = event => { console.log(event.code); done(); }"
        await shown(chromium, script, f"ws://127.0.0.1:{port}/")


# --8<-- [end:browser-refused]


# --8<-- [start:closed-before-established]
async def closed_before_established():
    await console("""
        const chat = new WebSocket(address);
        chat.onclose = done;
        chat.close();  // a component was removed, or the page was left
    """)


# --8<-- [end:closed-before-established]


# --8<-- [start:not-valid-json]
async def not_valid_json():
    await console(
        """
        const chat = new WebSocket(address);
        chat.onmessage = event => { setTimeout(done); JSON.parse(event.data); };
        """,
        Talking,
    )


# --8<-- [end:not-valid-json]


# --8<-- [start:object-object]
async def object_object():
    await console("""
        console.log(String({message: "hello"}));  // what send({…}) sends
        setTimeout(done);
        JSON.parse({message: "hello"});
    """)


# --8<-- [end:object-object]


# --8<-- [start:bad-close-code]
async def bad_close_code():
    await console("""
        const chat = new WebSocket(address);
        setTimeout(done);
        chat.close(1001);
    """)


# --8<-- [end:bad-close-code]


# --8<-- [start:subprotocol-unanswered]
async def subprotocol_unanswered():
    await console("new WebSocket(address, ['ticket.abc']).onclose = done")


# --8<-- [end:subprotocol-unanswered]


# --8<-- [start:bad-scheme]
async def bad_scheme():
    await console("""
        setTimeout(done);
        new WebSocket("localhost:8000/ws/chat/");
    """)


# --8<-- [end:bad-scheme]


# --8<-- [start:insecure-from-https]
async def insecure_from_https():
    async with browsers.browser() as chromium:
        page = await chromium.new_page()
        page.on("console", lambda message: print(f"console: {message.text}"))
        page.on(
            "pageerror", lambda error: print(f"console: Uncaught {error.name}: {error.message}")
        )
        await page.route("https://chat.example/", lambda route: route.fulfill(body="<p>"))
        await page.goto("https://chat.example/")
        script = "new WebSocket('ws://chat.example/ws/chat/')"
        await page.evaluate(
            "script => new Promise(done => { setTimeout(script); setTimeout(done); })", script
        )


# --8<-- [end:insecure-from-https]
