"""Do what ann's browser would do for pages from elsewhere, and print what they get."""

# --8<-- [start:hijack]
import json
import sys

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8000"

with httpx.Client(base_url=f"http://{host}") as browser:
    browser.get("/login/")
    form = {"username": "ann", "password": "tea-time"}
    form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
    browser.post("/login/", data=form)
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid']}"}

for page in (f"http://{host}", "http://127.0.0.1:9000", "http://elsewhere.example"):
    room = f"ws://{host}/ws/chat/tea/"
    try:
        with connect(room, origin=page, additional_headers=cookie) as socket:
            socket.send(json.dumps({"message": f"I like {page}"}))
            while "message" not in (frame := json.loads(socket.recv())):
                pass
            print(f"{frame['user']}: {frame['message']}")
    except InvalidStatus as refusal:
        print(f"{page} is refused: HTTP {refusal.response.status_code}")
# --8<-- [end:hijack]
