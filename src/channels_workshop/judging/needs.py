"""What a check needs beyond Python, and how to get it where it is missing."""

import shutil
from pathlib import Path

from ..course.lesson import Need
from ..language import Message, message


def why_missing(need: Need) -> Message | None:
    """Return what is missing here for `need`, None where nothing is."""
    if need == "redis":
        return None  # the wheel or the stand-in is always there
    if need == "nginx":
        return None if find_nginx() else message("nginx is not installed.")
    from .browser import can_drive, find_browser

    if not find_browser():
        return message("No Chromium or Chrome was found.")
    return None if can_drive() else message("playwright is not installed: it is an extra.")


def find_nginx() -> Path | None:
    """Return the path of nginx, None where it is not installed."""
    # Debian keeps it where only root's PATH looks.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None
