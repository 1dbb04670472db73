"""Where a browser for the checks is."""

import os
import shutil

_NAMES = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
]


def find_browser() -> str | None:
    """Return a Chromium's path: WORKSHOP_BROWSER, else one on PATH; None where there is none."""
    if named := os.environ.get("WORKSHOP_BROWSER"):
        return named
    return next(filter(None, map(shutil.which, _NAMES)), None)
