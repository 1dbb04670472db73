"""What a check needs beyond Python, and how to get it where it is missing."""

from ..course.lesson import Need
from ..language import _
from ..serving.nginx import find_nginx


def why_missing(need: Need) -> str | None:
    """Return the mend where this machine lacks `need`, else None."""
    if need == "redis":
        return None  # the wheel or the stand-in is always there
    if need == "nginx":
        return None if find_nginx() else _("nginx is not installed.")
    from .browser import can_drive, find_browser

    if not find_browser():
        return _("No Chromium or Chrome was found.")
    return None if can_drive() else _("playwright is not installed: it is an extra.")
