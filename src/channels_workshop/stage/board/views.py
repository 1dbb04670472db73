"""The pages over HTTP: how to join, and the board's shell; what is on that comes over the WebSocket."""

import io
import re
from pathlib import Path

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import translation

from ...invocation import command
from ...language import Language, current
from ..pages.answers import at_the_door, static_file

STATIC = Path(__file__).with_name("static")

#: Nothing that a page shows can run, wherever it came from.
_OURS = ("script-src", "style-src", "connect-src", "img-src")
_POLICY = "; ".join(["default-src 'none'", *(f"{kind} 'self'" for kind in _OURS)])
#: What looks like a class's code. Whether it is the right one is told to nobody here.
_CODE = re.compile(r"[a-z0-9]{8}")


def rendered(template: str, language: Language, **context: object) -> HttpResponse:
    """Return a page of the board in `language`."""
    other = "en" if language == "ru" else "ru"
    with translation.override(language):
        page = render_to_string(template, {"language": language, "other": other, **context})
    return HttpResponse(page, headers={"Content-Security-Policy": _POLICY})


def home(request: HttpRequest) -> HttpResponse:
    """Lead to how to join, in the language of whoever holds the class."""
    return HttpResponseRedirect(f"/{current()}/")


def join(request: HttpRequest, language: Language) -> HttpResponse:
    """How to join: what to type, with the code that is in the address, as a QR code has it."""
    code, address = _shown_code(request), request.scope["board"].address
    typed = command(f"up --class {address}{f'/{code}' if code else ''} --name …")
    return rendered("board/join.html", language, host=address, code=code, typed=typed)


def join_code(request: HttpRequest) -> HttpResponse:
    """The address of how to join, as a QR code."""
    code = _shown_code(request)
    place = request.scope["board"].address
    address = f"http://{place}/{current()}/{f'?code={code}' if code else ''}"
    picture = io.BytesIO()
    segno.make(address, micro=False).save(
        picture, kind="svg", border=2, scale=8, dark="#000", light="#fff"
    )
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def board(request: HttpRequest, language: Language) -> HttpResponse:
    """The board: for those who have the code, or show it now."""

    def ask(is_wrong: bool) -> HttpResponse:
        return rendered("board/code.html", language, is_wrong=is_wrong)

    shown = request.scope["board"]
    return at_the_door(request, shown.access, ask) or rendered(
        "board/board.html", language, host=shown.address, code=shown.code.text
    )


def static(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the pages."""
    return static_file(STATIC, name)


def _shown_code(request: HttpRequest) -> str:
    code = request.GET.get("code", "")
    return code if _CODE.fullmatch(code) else ""
