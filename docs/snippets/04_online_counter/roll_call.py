"""Open six tabs on one room as a program, and print the newest count that each is shown."""

# --8<-- [start:roll_call]
import json
import sys
from contextlib import ExitStack

from websockets.sync.client import connect

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8000"
room = f"ws://{host}/ws/chat/tea/"
with ExitStack() as stack:
    tabs = [stack.enter_context(connect(room, origin=f"http://{host}")) for _ in range(6)]
    for number, tab in enumerate(tabs):
        tab.send(json.dumps({"message": f"tab {number}"}))
    for number, tab in enumerate(tabs):
        # Its own message is back: every count that was told before it has been read.
        while (frame := json.loads(tab.recv())).get("message") != f"tab {number}":
            if frame.get("type") == "online_count":
                newest = frame
        print(f"tab {number}: {newest['count']} people")
# --8<-- [end:roll_call]
