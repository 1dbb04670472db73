"""A connection of somebody who has logged in."""

# --8<-- [start:session]
import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model

from config.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_logged_in_user_may_talk(async_client):
    ann = await get_user_model().objects.acreate_user("ann")
    await async_client.aforce_login(ann)
    cookie = f"sessionid={async_client.cookies['sessionid'].value}"

    headers = [(b"origin", b"http://localhost"), (b"cookie", cookie.encode())]
    tab = WebsocketCommunicator(application, "/ws/chat/tea/", headers=headers)
    await tab.connect()
    await tab.send_json_to({"message": "Tea?"})
    while (frame := await tab.receive_json_from()).get("type") == "online_count":
        pass
    assert frame == {"message": "Tea?", "user": "ann"}
    await tab.disconnect()
    # --8<-- [end:session]
