"""What the classroom shows over HTTP: the course's pages, and the panel's shell."""

import mimetypes
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils._os import safe_join

from ..language import Language, current
from .classroom import Classroom
from .words import spoken

_STATIC = Path(__file__).with_name("static")

#: Python's own table: on Windows the registry may call a script plain text, which no browser runs.
_KINDS = mimetypes.MimeTypes()


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the pages in the person's language."""
    return HttpResponseRedirect(f"/{current()}/")


def live(request: HttpRequest) -> HttpResponse:
    """Lead to the panel in the person's language."""
    return HttpResponseRedirect(f"/{current()}/live/")


def panel(request: HttpRequest, language: Language) -> HttpResponse:
    """The panel's shell; what is on it comes over the WebSocket."""
    other = "en" if language == "ru" else "ru"
    context = {"words": spoken(language), "language": language, "other": other}
    return render(request, "live/page.html", context)


def static(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the panel itself."""
    return _file(_STATIC, path)


def page(request: HttpRequest, language: Language, path: str) -> HttpResponse:
    """A page or a file of the course's site, with the way to the panel laid into it."""
    pages = _classroom(request).pages
    if pages.folder is None:
        context = {
            "words": spoken(language),
            "language": language,
            "settled": pages.are_settled,
            "trouble": pages.trouble,
        }
        return render(request, "live/no_pages.html", context, status=503)
    try:
        response = _file(pages.folder / language, path)
    except Http404:
        response = _file(pages.folder / language, "404.html")
        response.status_code = 404
    if response["Content-Type"].startswith("text/html"):
        response.content = _with_badge(response.content, language, _classroom(request))
    return response


def no_such_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Anything that is neither the panel's nor the site's."""
    context = {"words": spoken(current()), "language": current()}
    return render(request, "live/no_such_page.html", context, status=404)


def _classroom(request: HttpRequest) -> Classroom:
    return request.scope["classroom"]


def _file(folder: Path, path: str) -> HttpResponse:
    try:
        file = Path(safe_join(folder, path))
    except SuspiciousFileOperation:
        raise Http404(path) from None
    if file.is_dir():
        if path and not path.endswith("/"):
            return HttpResponseRedirect(f"{file.name}/")
        file /= "index.html"
    try:
        content = file.read_bytes()
    except OSError:
        raise Http404(path) from None
    kind = _KINDS.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
        kind += "; charset=utf-8"
    # Always asked for again, and answered 304 where nothing has changed.
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": "no-cache"})


def _with_badge(content: bytes, language: Language, classroom: Classroom) -> bytes:
    address = classroom.desk.board.address
    context = {"words": spoken(language), "language": language, "address": address}
    badge = render_to_string("live/badge.html", context).encode()
    return content.replace(b"</body>", badge + b"</body>")
