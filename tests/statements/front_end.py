"""What the page about the front end says about Django and Channels: what needs no browser to be proved.

Which sentence each proof belongs to stands in `front_end.toml`; `tests/test_statements.py` runs this
file in a process of its own, because Django's settings are global.
"""

import asyncio

from proving import proof, report, serving, use_project

use_project("03_chat_consumer")

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from django.template import engines  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402


def rendered(template, room):
    """Return what Django makes of a template for a room."""
    return engines["django"].from_string(template).render({"room": room})


@proof
async def json_script_writes_what_ends_no_element():
    element = rendered('{{ room|json_script:"room" }}', "Bed & Breakfast")
    assert element == ('<script id="room" type="application/json">"Bed \\u0026 Breakfast"</script>')
    assert r'"\u003C/script\u003E"' in rendered('{{ room|json_script:"room" }}', "</script>")
    tea = rendered('{{ room|json_script:"room" }}', "tea")
    assert tea == '<script id="room" type="application/json">"tea"</script>'


@proof
async def autoescape_is_for_html():
    assert rendered('"{{ room }}"', "Bed & Breakfast") == '"Bed &amp; Breakfast"'
    assert rendered('"{{ room }}"', "\\") == r'"\"'


@proof
async def disconnect_gets_the_code():
    codes = asyncio.Queue()

    class Noting(AsyncWebsocketConsumer):
        async def disconnect(self, code):
            codes.put_nowait(code)

    async with serving(Noting.as_asgi()) as (host, _):
        async with connect(f"ws://{host}/") as tab:
            await tab.close(1001)
        assert await codes.get() == 1001


if __name__ == "__main__":
    report()
