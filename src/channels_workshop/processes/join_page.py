"""A page for the projector, beside a project that is shared: its address, and as a QR code.

It holds no word but the address, so it is in every language.
"""

import html
from typing import Any

import segno

#: Where it is. No project of a lesson has a path that begins so.
PATH = "/.join/"

_PAGE = """<!doctype html>
<html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{address}</title>
<style>
  body {{ margin: 0; min-height: 100vh; display: grid; place-content: center; justify-items: center;
          gap: 4vmin; background: white; color: black; font-family: system-ui, sans-serif }}
  svg {{ width: 70vmin; height: 70vmin }}
  a {{ color: inherit; font-size: min(6vmin, 5vw); text-decoration: none }}
</style>
{code}
<a href="{address}">{address}</a>
"""


def join_page(address: str) -> bytes:
    """Return the page, in UTF-8."""
    code = segno.make(address, micro=False)
    drawing = code.svg_inline(border=2, omitsize=True, light="white", svgclass=None, lineclass=None)
    return _PAGE.format(address=html.escape(address), code=drawing).encode()


async def send_join_page(address: str, send: Any) -> None:
    """Answer an HTTP request with it."""
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": join_page(address)})
