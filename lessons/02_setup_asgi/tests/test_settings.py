"""Task `settings`: Django finds the app, and `runserver` finds the application."""

import re
from pathlib import Path

from channels_workshop.checking.knocking import answers
from channels_workshop.serving.runserver import start_runserver

OVERLAYS = Path(__file__).with_name("overlays")


async def test_page(visitor):
    page = await answers(visitor, "/", 200)
    for address in re.findall(r'(?:src|href)="(/[^"]*)"', page.text):
        await answers(visitor, address, 200)


async def test_runserver(session, visit):
    settings = (OVERLAYS / "daphne_settings.py").read_text(encoding="utf-8")

    def serve(project, log):
        return start_runserver(project, log, settings="daphne_settings")

    server = session.variant("runserver", {"daphne_settings.py": settings}, serve=serve)
    await answers(visit(server), "/", 200)
