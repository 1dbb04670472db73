"""What stands on the microscope's page, in words; its script finds the rest by name."""

from ...language import Language, Message, message
from .telling import KINDS, NAME, SIGNS, WHAT, WHOLE

_WORDS: dict[str, Message] = {
    "title": message("Frame microscope"),
    "about": message("All that passes through your running project, as it happens."),
    "pause": message("Pause"),
    "go_on": message("Go on"),
    "play": message("Play"),
    "back": message("Step back"),
    "forward": message("Step forward"),
    "newest": message("To the newest"),
    "filter": message("Filter"),
    "everybody": message("everybody"),
    "connection": message("Connection"),
    "show": message("Show"),
    "save": message("Save"),
    "open": message("Open a recording"),
    "live": message("Back to the live project"),
    "keys": message("Keys"),
    "keys_told": message(
        "Space pauses and goes on, ← and → step, End is the newest, / filters, S saves, O opens."
    ),
    "timeline": message("Time line"),
    "event": message("Event"),
    "moment": message("At this moment"),
    "nobody": message("Nobody is connected."),
    "groups": message("groups: {names}"),
    "nothing": message("Nothing has happened yet. Open your project in a browser."),
    "connected": message("Live"),
    "paused": message("Paused"),
    "replayed": message("Replay: {name}"),
    "lost": message("The project is not served any more."),
    "cut": message("(+{count} characters)"),
    "forgotten": message("Earlier events, no longer kept: {count}"),
    "no_script": message("This page needs JavaScript."),
    "frames": message("Frames"),
    "handshakes": message("Connections"),
    "layer": message("Channel layer"),
    "http": message("HTTP requests"),
    "trouble": message("Trouble"),
}


def page_words(language: Language) -> dict[str, str]:
    """Return the page's words by name; `{fields}` are filled in by its script."""
    return {name: said.spoken(language) for name, said in _WORDS.items()}


def for_script(language: Language) -> dict[str, object]:
    """Return what the script needs to put an event into words."""
    return {
        "words": page_words(language),
        "what": {name: said.spoken(language) for name, said in WHAT.items()},
        "signs": SIGNS,
        "kinds": KINDS,
        "whole": sorted(WHOLE),
        "name": NAME,
    }
