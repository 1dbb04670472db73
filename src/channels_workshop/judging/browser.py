"""A real browser for the few checks that are about the page itself. None of them earns points."""

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser

#: Names that a Chromium goes by on PATH.
_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
#: Where playwright keeps the browsers that it has fetched, by system.
_PLAYWRIGHTS_FOLDERS = ["~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
_PLAYWRIGHTS_FOLDERS += ["~/AppData/Local/ms-playwright"]
_PLAYWRIGHTS_PROGRAMS = ["chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*"]
_PLAYWRIGHTS_PROGRAMS += ["chrome-win*/chrome.exe"]
#: Milliseconds that the page may take to show something.
PATIENCE = 10_000


def find_browser() -> str | None:
    """Return a browser's path: WORKSHOP_BROWSER, playwright's own, else one on PATH; or None."""
    if named := os.environ.get("WORKSHOP_BROWSER"):
        return named
    return _playwrights_own() or next(filter(None, map(shutil.which, _NAMES)), None)


def can_drive() -> bool:
    """Return whether playwright is installed: the extra `browser`."""
    return importlib.util.find_spec("playwright") is not None


def _playwrights_own() -> str | None:
    for folder in _PLAYWRIGHTS_FOLDERS:
        for program in _PLAYWRIGHTS_PROGRAMS:
            for found in sorted(Path(folder).expanduser().glob(f"chromium-*/{program}")):
                return str(found)
    return None


@asynccontextmanager
async def browser() -> AsyncIterator["Browser"]:
    """Start the browser that `find_browser` names, without a window; it asks for pages in English."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=find_browser(),
            args=["--lang=en-US"],  # the system's language has no say in what a check sees
        )
        try:
            yield chromium
        finally:
            await chromium.close()
