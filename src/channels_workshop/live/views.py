"""What `up` shows over HTTP: the course's pages, and the panel's shell."""

import mimetypes
import re
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils._os import safe_join

from ..language import Language, current
from ..learner import workspace_root
from .controller import Controller
from .panel import badge, lesson_at, places_on_page, rendered

_STATIC = Path(__file__).with_name("static")

#: Python's own table: on Windows the registry may call a script plain text, which no browser runs.
_KINDS = mimetypes.MimeTypes()


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the pages in the person's language."""
    return HttpResponseRedirect(f"/{current()}/")


def live(request: HttpRequest) -> HttpResponse:
    """Lead to the panel in the person's language."""
    return HttpResponseRedirect(f"/{current()}/live/")


def workspace(request: HttpRequest) -> HttpResponse:
    """Which workspace is served: what a second `up` asks."""
    return HttpResponse(str(workspace_root()), content_type="text/plain; charset=utf-8")


def panel(request: HttpRequest, language: Language) -> HttpResponse:
    """The panel's shell; what is on it comes over the WebSocket."""
    return HttpResponse(rendered("live/page.html", language))


def static(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the panel itself."""
    return _file(_STATIC, path)


def page(request: HttpRequest, language: Language, path: str) -> HttpResponse:
    """A page or a file of the course's site.

    A page gets the badge that leads to the panel; that of a lesson, the places where the learner's
    own state is shown.
    """
    controller: Controller = request.scope["controller"]
    site = controller.state.site
    if site.folder is None:
        return HttpResponse(rendered("live/no_pages.html", language, site=site), status=503)
    try:
        response = _file(site.folder / language, path)
    except Http404:
        response = _file(site.folder / language, "404.html")
        response.status_code = 404
    if response["Content-Type"].startswith("text/html"):
        lesson = lesson_at(controller, path)
        end = badge(controller, language, lesson) + "</body>"
        html = response.content.decode().replace("</body>", end)
        response.content = _with_places(html, places_on_page(lesson)) if lesson else html
    return response


def _with_places(html: str, ids: list[str]) -> str:
    """Return a lesson's page with an empty region below each heading that is named in `ids`."""
    heading = rf'<h2 id="({"|".join(map(re.escape, ids))})">.*?</h2>'
    place = r'\g<0><div class="workshop-here" data-region="\1"></div>'
    return re.sub(heading, place, html, flags=re.DOTALL)


def no_such_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Anything that is neither the panel's nor the site's."""
    return HttpResponse(rendered("live/no_such_page.html", current()), status=404)


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
