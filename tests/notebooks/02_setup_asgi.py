# Claims of the notebook: each block holds after the cell that it names. Bytes and counts, not times.

# %% run-request
assert answer.startswith("HTTP/1.1 101 Switching Protocols\r\n")

# %% run-accept
assert len(accepts) == 2
assert accepts[0] == accepts[1]

# %% compute-accept
assert accepts[0].endswith(": " + base64.b64encode(digest).decode())

# %% make-frame
assert len(hello) == 11
assert b"hello" not in hello
assert hello[0] == 0b1000_0001

# %% run-echo
assert echo == b"\x81\x05hello"

# %% run-unmasked
assert goodbye[0] == 0x88
assert int.from_bytes(goodbye[2:4], "big") == 0x03EA == 1002
assert len(goodbye) > 4

# %% slide-length
assert "longer" not in frame_from_server(125).alt
assert (
    len(frame_from_server(126).alt.splitlines()) == len(frame_from_server(125).alt.splitlines()) + 1
)

# %% run-nowhere
assert answer.startswith("HTTP/1.1 101 ")
assert closing == b"\x88\x02\x11\x34"
assert 0x1134 == 4404

# %% fill-not-found
assert not check("02", connect, section="not_found").passed
assert check(
    "02",
    section="not_found",
    code="""
async def connect(self):
    await self.accept()
    await self.close(NOT_FOUND)
""",
).passed

# %% run-library
async with open_socket(address, origin=server.origin, proxy=None) as socket:
    await socket.send("again")
    assert await socket.recv() == "again"

# %% run-origin
import pytest
from websockets.exceptions import InvalidStatus

for headers in ({}, {"origin": "https://elsewhere.example"}):
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(address, proxy=None, **headers)
    assert refused.value.response.status_code == 403

# %% run-diary
lines = page.visits[0].text.splitlines()
calls = [line for line in lines if line.startswith("called")]
assert calls == ["called for websocket /any/path/", "called for http /notes/"]
received = [eval(line.removeprefix("receive: ")) for line in lines if line.startswith("receive: ")]
assert received[0] == {"type": "websocket.connect"}
assert received[1] == {"type": "websocket.receive", "text": "hello"}
assert received[2] == {"type": "websocket.receive", "bytes": b"\x01\x02\x03"}
assert (received[3]["type"], received[3]["code"]) == ("websocket.disconnect", 1000)
assert len(received) == 4
# The headers were there before.
first = next(line for line in lines if line.startswith("receive"))
assert lines.index(first) > [line.startswith("scope['headers']") for line in lines].index(True)

# %% fill-application
assert not check("02", application).passed
assert check(
    "02",
    section="application",
    code="""
async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await websocket_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)
""",
).passed

# %% run-traffic
ways = [polling, long_polling, events, over_socket]
# The same hundred messages, of 31 bytes each.
assert all(way.messages == polling.messages for way in ways)
assert len(set(polling.messages)) == 100
assert {len(message) for message in polling.messages} == {31}
# Two requests for each message, one for each, one for all.
assert [way.sent.count(b"GET ") for way in ways] == [200, 100, 1, 1]
assert polling.total > 10 * over_socket.total
assert long_polling.total > 4 * over_socket.total
assert over_socket.total < 2 * over_socket.of_messages
assert events.total < 2 * events.of_messages
# A frame adds two bytes; the last four are the close frame.
assert over_socket.received.count(b"\x81\x1f{") == 100
assert over_socket.received[-4:] == b"\x88\x02\x03\xe8"

# %% show-message
assert over_socket.received[-37:-4] == b"\x81\x1f" + over_socket.messages[-1].encode()
assert long_polling.sent.split(b"GET")[-1].startswith(b" /one/?number=99 ")
