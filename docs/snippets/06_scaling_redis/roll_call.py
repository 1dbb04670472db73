"""Open two tabs each as ann, bob and eve, and print the newest count that each tab is shown.

With two hosts each of the three has one tab on either.
"""

# --8<-- [start:roll_call]
import json
import sys
from contextlib import ExitStack

import httpx
from websockets.sync.client import connect

hosts = sys.argv[1:] or ["127.0.0.1:8000"]
names = ["ann", "ann", "bob", "bob", "eve", "eve"]


def log_in(host, name):
    with httpx.Client(base_url=f"http://{host}") as browser:
        browser.get("/login/")
        form = {"username": name, "password": "tea-time"}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        browser.post("/login/", data=form)
        return {"Cookie": f"sessionid={browser.cookies['sessionid']}"}


def open_tab(host, cookie):
    room, page = f"ws://{host}/ws/chat/tea/", f"http://{host}"
    return connect(room, origin=page, additional_headers=cookie)


with ExitStack() as stack:
    tabs = []
    for number, name in enumerate(names):
        host = hosts[number % len(hosts)]
        tab = open_tab(host, log_in(host, name))
        tabs.append(stack.enter_context(tab))
    for number, tab in enumerate(tabs):
        tab.send(json.dumps({"message": f"tab {number}"}))
    for number, tab in enumerate(tabs):
        # Whoever speaks has been counted: once all are heard, the newest count has everybody in it.
        heard = 0
        while heard < len(tabs):
            frame = json.loads(tab.recv())
            if frame.get("type") == "online_count":
                people, in_tabs = frame["count"], frame["tabs"]
            elif "message" in frame:
                heard += 1
        print(f"tab {number}: {people} people in {in_tabs} tabs")
# --8<-- [end:roll_call]
