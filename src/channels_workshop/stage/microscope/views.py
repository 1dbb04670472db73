"""The microscope's page over HTTP: its shell, the recording as a file, and a file as a recording."""

from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from ...errors import WorkshopError
from ...language import Language, current
from ..pages.answers import static_file
from .files import LARGEST_FILE, from_file, to_file
from .page_words import for_script, page_words
from .recording import Recording

_STATIC = Path(__file__).with_name("static")
_JSON = "application/json; charset=utf-8"


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page in the person's language."""
    return HttpResponseRedirect(f"/{current()}/frames/")


@xframe_options_sameorigin  # the panel shows it in a pane
def page(request: HttpRequest, language: Language) -> HttpResponse:
    """The page's shell; what is on it comes over the WebSocket."""
    context: dict[str, Any] = {
        "language": language,
        "other": "en" if language == "ru" else "ru",
        "words": page_words(language),
        "for_script": for_script(language),
    }
    return HttpResponse(render_to_string("microscope/page.html", context))


def recording(request: HttpRequest) -> HttpResponse:
    """The recording, as a file."""
    shown: Recording = request.scope["recording"]
    headers = {"Content-Disposition": 'attachment; filename="frames.jsonl"'}
    return HttpResponse(to_file(shown.events), content_type="application/jsonl", headers=headers)


@require_POST
def replay(request: HttpRequest, language: Language) -> HttpResponse:
    """The events of a recording that is sent here: `{"events": […]}`, else `{"message", "fix"}`."""
    try:
        events = Recording(from_file(request.read(LARGEST_FILE + 1))).events
    except WorkshopError as error:
        said = {name: _in(language, getattr(error, name)) for name in ("message", "fix")}
        return HttpResponse(msgspec.json.encode(said), content_type=_JSON, status=400)
    return HttpResponse(msgspec.json.encode({"events": events}), content_type=_JSON)


def static(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the page itself."""
    return static_file(_STATIC, name)


def _in(language: Language, said: Any) -> str:
    return said if isinstance(said, str) else said.spoken(language)
