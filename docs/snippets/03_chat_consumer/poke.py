"""Talk to the chat as a program: a good frame, then a binary one. Prints what comes back."""

# --8<-- [start:poke]
from websockets.sync.client import connect

url = "ws://127.0.0.1:8000/ws/chat/tea/"
with connect(url, origin="http://127.0.0.1:8000") as chat:
    chat.send('{"message": "hello from Python"}')
    print(chat.recv())
    chat.send(b"\x00\x01")
    print(chat.recv())
# --8<-- [end:poke]
