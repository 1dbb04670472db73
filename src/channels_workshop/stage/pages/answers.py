"""Answers that each of our apps gives: a file of its pages, and what is said at a door."""

import mimetypes
from collections.abc import Callable
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from ..access_code import AccessCode

#: Python's own table: on Windows the registry may call a script plain text, which no browser runs.
_KINDS = mimetypes.MimeTypes()


def static_file(folder: Path, name: str) -> HttpResponse:
    """Return the file of that name in `folder`. Raises Http404 where there is none."""
    if name not in {path.name for path in folder.iterdir()}:
        raise Http404(name)
    kind = _KINDS.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse(
        (folder / name).read_bytes(), content_type=f"{kind}; charset=utf-8", headers=headers
    )


def at_the_door(
    request: HttpRequest, code: AccessCode, ask: Callable[[bool], HttpResponse]
) -> HttpResponse | None:
    """Return what whoever is not in yet is answered; None for whoever is.

    `ask` returns the page that asks for the code, and is told whether a wrong one was shown.
    """
    shown = request.GET.get("code")
    if code.fits(shown):
        # Out of the address, which a projector may show, and into a cookie.
        answer = HttpResponseRedirect(request.path)
        answer.set_cookie(code.cookie, code.text, httponly=True, samesite="Strict")
        return answer
    if code.fits(request.COOKIES.get(code.cookie)):
        return None
    page = ask(shown is not None)
    page.status_code = 403
    return page
