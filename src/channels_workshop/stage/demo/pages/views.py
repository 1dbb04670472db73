"""The two pages over HTTP: shells; what is on them comes over the WebSocket."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import translation

from ....language import Language, current
from ...pages.answers import at_the_door, static_file

STATIC = Path(__file__).with_name("static")


def rendered(template: str, language: Language, **context: object) -> str:
    """Return a template of the stage in `language`."""
    other = "en" if language == "ru" else "ru"
    with translation.override(language):
        return render_to_string(template, {"language": language, "other": other, **context})


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the stage in the language of whoever began the demo."""
    return HttpResponseRedirect(f"/{current()}/")


def stage(request: HttpRequest, language: Language) -> HttpResponse:
    """The page for the projector."""
    demo = request.scope["performance"].theatre.demo
    title = demo.title.spoken(language)
    return HttpResponse(rendered("demo/stage.html", language, title=title))


def presenter(request: HttpRequest, language: Language) -> HttpResponse:
    """The page for whoever presents: for those who have the code, or show it now."""

    def ask(is_wrong: bool) -> HttpResponse:
        return HttpResponse(rendered("demo/code.html", language, is_wrong=is_wrong))

    performance = request.scope["performance"]
    return at_the_door(request, performance.code, ask) or HttpResponse(
        rendered("demo/presenter.html", language)
    )


def static(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the two pages."""
    return static_file(STATIC, name)
