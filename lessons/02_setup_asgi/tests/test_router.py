"""Task `router`: WebSocket goes to the echo, HTTP to Django, and models are there in time."""

from pathlib import Path

from channels_workshop.processes.options import ServerOptions
from echo import answers, echoes

OVERLAYS = Path(__file__).with_name("overlays")
CONSUMERS = "console/consumers.py"
USES_A_MODEL = """
# What any consumer may need one day.
from django.contrib.contenttypes.models import ContentType
"""


async def test_echo_text(visitor, some):
    texts = [some.text(), '{"message": "hello', '{"message": "привет"}', " edges ", "two\nlines"]
    await echoes(visitor, [*texts, "", "🫖", "ж" * 40_000])


async def test_echo_binary(visitor, some):
    await echoes(visitor, [some.text().encode(), b"\x00\xff", b"", bytes(range(256)) * 256])


async def test_http_beside(visitor):
    await answers(visitor, "/nowhere/", 404)
    await answers(visitor, "/ws/echo/", 404)


async def test_models_are_ready(servers, visit, some):
    own = servers.project / CONSUMERS
    text = own.read_text(encoding="utf-8") if own.is_file() else ""
    settings = (OVERLAYS / "models_settings.py").read_text(encoding="utf-8")
    overlay = {CONSUMERS: text + USES_A_MODEL, "models_settings.py": settings}
    server = servers.variant("models", overlay, ServerOptions(settings="models_settings"))
    await echoes(visit(server), [some.text()])
