"""Writes one self-contained page that replays a demo offline, as the stage has shown it."""

import asyncio
from pathlib import Path

from ...errors import WorkshopError
from ...language import current, message
from ...processes.supervisor import Supervisor
from ..pages.application import set_up_django
from .events import AnyEvent
from .pages import settings as ours
from .rehearsal import Rehearsed, rehearse
from .script import Demo
from .state import State, after

#: What the page holds of the stage's own scripts, in order.
_SCRIPTS = ("draw.js", "notes.js", "replay.js")


def record(demo: Demo, file: Path) -> Rehearsed:
    """Play `demo` once and write the page to `file`, in the current language, if all of it came.

    Raises WorkshopError where the file cannot be written.
    """
    with Supervisor() as supervisor:
        rehearsed = asyncio.run(rehearse(demo, supervisor, jumps=False))
    if not rehearsed.failed:
        page = _page(rehearsed)
        try:
            file.write_text(page, encoding="utf-8", newline="\n")
        except OSError as error:
            raise WorkshopError(
                message("{path} cannot be written: {why}.", path=str(file), why=error.strerror),
                message("Name a file in a folder that is there."),
            ) from None
    return rehearsed


def shown_in(rehearsed: Rehearsed) -> list[list[tuple[AnyEvent | None, State]]]:
    """Return what was shown in each step, events and the state after each; first, how it began."""
    state = rehearsed.begins_with
    shown: list[list[tuple[AnyEvent | None, State]]] = [[(None, state)]]
    for step in rehearsed.demo.steps:
        pictures: list[tuple[AnyEvent | None, State]] = []
        for event in rehearsed.recorded[step.id]:
            state = after(state, event)
            pictures.append((event, state))
        shown.append(pictures or [(None, state)])
    return shown


def _page(rehearsed: Rehearsed) -> str:
    set_up_django(ours)
    from .pages.documents import recording
    from .pages.views import STATIC, rendered

    demo, language = rehearsed.demo, current()
    scripts = [(STATIC / name).read_text(encoding="utf-8") for name in _SCRIPTS]
    return rendered(
        "demo/recorded.html",
        language,
        title=demo.title.spoken(language),
        styles=(STATIC / "stage.css").read_text(encoding="utf-8"),
        scripts="\n".join(scripts),
        recorded=recording(demo, language, shown_in(rehearsed)),
    )
