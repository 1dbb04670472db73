"""Task `settings`: Django finds the app, and `runserver` finds the application."""

import re
from pathlib import Path

from channels_workshop.processes.options import ServerOptions
from echo import answers
from runserver import start_runserver

OVERLAYS = Path(__file__).with_name("overlays")


async def test_page(visitor):
    page = await answers(visitor, "/", 200)
    for address in re.findall(r'(?:src|href)="(/[^"]*)"', page.text):
        await answers(visitor, address, 200)


async def test_runserver(servers, visit):
    settings = (OVERLAYS / "daphne_settings.py").read_text(encoding="utf-8")

    def serve(project, log):
        return start_runserver(project, log, ServerOptions(settings="daphne_settings"))

    server = servers.variant("runserver", {"daphne_settings.py": settings}, serve=serve)
    await answers(visit(server), "/", 200)
