"""Come into the chat as a program: with a token, in a header."""

# --8<-- [start:say_hello]
import json
import sys
from getpass import getpass

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8000"
# Asked for: the shell would keep an argument in its history.
shown = {"Authorization": f"Bearer {getpass('Token: ')}"}

room = f"ws://{host}/ws/chat/tea/"
with connect(room, origin=f"http://{host}", additional_headers=shown) as socket:
    try:
        print(socket.recv())
        socket.send(json.dumps({"message": "hello"}))
        print(socket.recv())
    except ConnectionClosed:
        print(f"closed with {socket.close_code}")
# --8<-- [end:say_hello]
