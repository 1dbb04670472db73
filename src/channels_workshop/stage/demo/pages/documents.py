"""What the pages are sent: the state of things, as JSON, in the language of the page."""

import json
import time
from typing import TYPE_CHECKING, Any

import msgspec

from ....judging.reports import frame_of
from ....judging.timeline import ARROWS
from ....language import Language, Message
from ..acts import Fill
from ..copybook import path_of, shown_text
from ..events import AnyEvent, Told
from ..script import Demo, Step
from ..state import ClientPane, CodePane, State
from ..words import of_act, of_outcome

if TYPE_CHECKING:
    from .performance import Performance

#: How many moments of a client there is room for.
_LAST_MOMENTS = 6


def for_audience(
    demo: Demo, language: Language, position: int, state: State, event: AnyEvent | None
) -> dict[str, Any]:
    """Return what a stage shows once `event` has led to `state`, after `position` steps."""
    step = demo.steps[position - 1] if position else None
    return {
        "number": f"{demo.lesson.number:02}",
        "demo": demo.title.spoken(language),
        "step": step.title.spoken(language) if step else "",
        "position": position,
        "steps": len(demo.steps),
        "redis": state.redis,
        "services": [{"name": name, "waiting": n} for name, n in state.services.items()],
        "servers": [msgspec.to_builtins(pane) for pane in state.servers.values()],
        "clients": [_client(demo, pane, language) for pane in state.clients.values()],
        "code": [_code(pane) for pane in _in_play(demo, step, state)],
        "event": _event(event, language),
    }


def for_presenter(performance: "Performance", language: Language, presents: bool) -> dict[str, Any]:
    """Return what whoever presents has to know, and may do."""
    theatre = performance.theatre
    demo, position, missed = theatre.demo, theatre.position, theatre.missed
    elapsed = None if theatre.begun_at is None else round(time.monotonic() - theatre.begun_at)
    return {
        "presenter": {
            "presents": presents,
            "busy": theatre.is_busy,
            "position": position,
            "elapsed": elapsed,
            "planned": round(60 * sum(step.minutes for step in demo.steps[:position])),
            "whole": round(60 * demo.minutes),
            "now": _step(demo.steps[position - 1], language) if position else None,
            "next": _step(theatre.next_step, language) if theatre.next_step else None,
            "titles": [step.title.spoken(language) for step in demo.steps],
            "missed": missed
            and {
                "expected": _spoken(missed.expected, language),
                "actual": _spoken(missed.actual, language),
                "recorded": missed.step.id in theatre.recorded,
            },
            "screens": list(performance.screens.values()),
            "findings": [
                {"good": finding.good, "text": finding.text.spoken(language)}
                for finding in performance.findings
            ],
        }
    }


def recording(
    demo: Demo, language: Language, shown: list[list[tuple[AnyEvent | None, State]]]
) -> dict[str, Any]:
    """Return a recorded demo: how the stage is set, then for each step its notes and what was shown."""
    pictures = [
        [for_audience(demo, language, position, state, event) for event, state in of_step]
        for position, of_step in enumerate(shown)
    ]
    steps = zip(demo.steps, pictures[1:], strict=True)
    return {
        "begin": pictures[0][0],
        "steps": [{**_step(step, language), "shown": of_step} for step, of_step in steps],
    }


def _step(step: Step, language: Language) -> dict[str, Any]:
    return {
        "title": step.title.spoken(language),
        "say": step.say.spoken(language),
        "acts": [of_act(act).spoken(language) for act in step.acts],
        "sees": [of_outcome(outcome).spoken(language) for outcome in step.sees],
        "seconds": round(60 * step.minutes),
    }


def _client(demo: Demo, pane: ClientPane, language: Language) -> dict[str, Any]:
    number = _number(demo.counter.key, pane) if demo.counter else None
    return {
        "name": pane.name,
        "server": pane.server,
        "connected": pane.connected,
        "heart": pane.heart,
        "asks": pane.asks,
        "number": number,
        "label": demo.counter.label.spoken(language) if demo.counter and number is not None else "",
        "moments": [
            {"what": m.what, "arrow": ARROWS[m.what], "frame": frame_of(m, language)}
            for m in pane.moments[-_LAST_MOMENTS:]
        ],
    }


def _number(key: str, pane: ClientPane) -> int | None:
    """Return the number under `key` in the last frame that has one, as far as it is still true."""
    if pane.connected != "open":
        return None
    for moment in reversed(pane.moments):
        if moment.what == "connects":
            return None
        try:
            frame = json.loads(str(moment.frame)) if moment.what == "receives" else None
        except ValueError:
            continue
        if isinstance(frame, dict) and isinstance(frame.get(key), int):
            number: int = frame[key]
            return number
    return None


def _in_play(demo: Demo, step: Step | None, state: State) -> list[CodePane]:
    """Return the code that the step is about: as it was filled in, else as the reference has it."""
    panes = []
    for name in step.code if step else []:
        if name in state.code:
            panes.append(state.code[name])
        else:
            fill = Fill(section=name) if name in demo.lesson.sections else Fill(file=name)
            path = path_of(demo.lesson, fill).as_posix()
            panes.append(CodePane(name, path, shown_text(demo.lesson, fill)))
    return panes


def _code(pane: CodePane) -> dict[str, Any]:
    return {
        "name": pane.name,
        "path": pane.path,
        "lines": [
            {"text": line, "new": number in pane.changed}
            for number, line in enumerate(pane.text.rstrip("\n").split("\n"))
        ],
    }


def _event(event: AnyEvent | None, language: Language) -> dict[str, Any] | None:
    if isinstance(event, Told):
        moment = event.moment
        return {
            "kind": "moment",
            "who": moment.who,
            "server": event.server,
            "what": moment.what,
            "frame": frame_of(moment, language),
        }
    return msgspec.to_builtins(event) if event else None


def _spoken(text: Message | str, language: Language) -> str:
    return text.spoken(language) if isinstance(text, Message) else text
