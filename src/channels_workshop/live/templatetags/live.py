"""What the panel's templates need beyond Django's own: data of the course and of a failure in words."""

import os
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import markdown
from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from ...course.words import Words
from ...invocation import command as command_line
from ...judging.reports import frame_of, in_words
from ...judging.timeline import ARROWS, Moment
from ...language import Language, Message

register = template.Library()


@register.filter
def said(words: Words | Message | str) -> str:
    """Return what the course, or the tool, says in the language of the page."""
    return words if isinstance(words, str) else words.spoken(_language())


@register.filter
def side(message: Message) -> SafeString:
    """Return what a failure expected, or met, with invisible characters made visible.

    What stands between backticks becomes code; nothing else of it is markup.
    """
    text = escape(in_words(message, _language()))
    return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", text))


@register.filter
def arrow(moment: Moment) -> str:
    """Return the sign for what a moment is."""
    return ARROWS[moment.what]


@register.filter
def frame(moment: Moment) -> str:
    """Return the frame, path or code of a moment, decoded and shortened."""
    return frame_of(moment, _language())


@register.filter
def formatted(text: str) -> SafeString:
    """Return Markdown as HTML. From lesson.toml, so ours: nothing of a learner's comes this way."""
    return mark_safe(markdown.markdown(text))


@register.filter
def inline(text: str) -> SafeString:
    """Return one line of Markdown as HTML, without a paragraph around it."""
    return mark_safe(markdown.markdown(text).removeprefix("<p>").removesuffix("</p>"))


@register.filter
def without_carets(traceback: str) -> str:
    """Return `traceback` so that its lines may be broken: carets would point at nothing then."""
    return "\n".join(line for line in traceback.splitlines() if line.strip(" ~^") or not line)


@register.simple_tag
def command(*words: object) -> str:
    """Return a command line as this person types it."""
    return command_line(" ".join(map(str, words)))


@register.inclusion_tag("live/place.html")
def place(
    folder: Path, path: PurePosixPath | str, line: int | None = None, shown_in: str = ""
) -> dict[str, Any]:
    """Show a place in a file of `folder`: a link into the editor, and a button that copies it.

    `shown_in` goes before the path, where it is not clear whose file it is.
    """
    end = f":{line}" if line else ""
    whole = (folder / path).as_posix()
    address = f"vscode://file/{quote(whole.removeprefix('/'))}{end}" if _has_vscode() else ""
    return {
        "place": f"{shown_in}/{path}{end}" if shown_in else f"{path}{end}",
        "whole": f"{whole}{end}",
        "address": address,
    }


def _has_vscode() -> bool:
    """Return whether a link to Visual Studio Code would open something here."""
    in_its_terminal = os.environ.get("TERM_PROGRAM") == "vscode"
    on_a_mac = Path("/Applications/Visual Studio Code.app").exists()
    return in_its_terminal or on_a_mac or shutil.which("code") is not None


def _language() -> Language:
    return "ru" if get_language() == "ru" else "en"
