"""Talk to the echo as a program: it names an origin, as a browser would. Prints what comes back."""

# --8<-- [start:poke]
from websockets.sync.client import connect

url = "ws://127.0.0.1:8000/ws/echo/"
with connect(url, origin="http://127.0.0.1:8000") as socket:
    socket.send("hello from Python")
    print(socket.recv())
    socket.send(b"\x01\x02\x03")
    print(socket.recv())
# --8<-- [end:poke]
