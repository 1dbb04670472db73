"""Task `settings`: Django finds the app, and `runserver` finds the application."""

from console_page import opens_whole
from echo import answers


async def test_page(visitor, lesson):
    await opens_whole(visitor, lesson)


async def test_runserver(runserver, visit):
    await answers(visit(runserver()), "/", 200)
