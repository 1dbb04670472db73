from channels.testing import WebsocketCommunicator
from django.urls import reverse

from mysite.asgi import application


async def test_an_open_page_shows_a_note(async_client):
    headers = [(b"origin", b"http://localhost")]
    page = WebsocketCommunicator(application, "/ws/notes/", headers)
    assert await page.connect() == (True, None)
    assert await page.receive_from() == "You are connected."

    await async_client.post(reverse("send-note"), {"text": "Lunch"})

    assert await page.receive_from() == "Lunch"
    await page.disconnect()
