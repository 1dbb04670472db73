"""What a message costs on the wire: an HTTP request with its answer, and a WebSocket frame.

`python docs/plots/wire_bytes.py` measures against uvicorn with the lessons' projects, and writes
`wire_bytes.json`. What the browser sends stands in `chromium/`, as Chromium 156 has sent it from a
page of lesson 03, without cookies. Everything is counted in bytes.
"""

import json
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.supervisor import Supervisor

HERE = Path(__file__).parent
MESSAGE = b'{"message": "hello"}'
#: The HTTP answer is a message of the same length.
ANSWER = b'{"boot": "00000000"}'


def measure() -> dict[str, int]:
    """Return what `wire_bytes.json` holds."""
    with Supervisor() as supervisor:
        return {"message": len(MESSAGE), **_polling(supervisor), **_talking(supervisor)}


def _polling(supervisor: Supervisor) -> dict[str, int]:
    """One question of a page that polls, to lesson 01's project, and its answer."""
    request = _recorded("poll")
    with _connected(supervisor, "1") as (send, received):
        send(request)
        head = _read_head(received)
        assert len(received.read(len(ANSWER))) == len(ANSWER)
    return {"poll_request": len(request), "poll_answer": len(head) + len(ANSWER)}


def _talking(supervisor: Supervisor) -> dict[str, int]:
    """The handshake with lesson 03's chat, then one message there and back."""
    handshake, frame = _recorded("handshake"), _masked_frame(MESSAGE)
    with _connected(supervisor, "3") as (send, received):
        send(handshake)
        agreed = _read_head(received)
        send(frame)
        came_back = _read_frame(received)
    assert came_back[0] & 0x40  # compressed, as browser and server have agreed
    return {
        "handshake_request": len(handshake),
        "handshake_answer": len(agreed),
        "frame_up": len(frame),
        "frame_down": len(came_back),
    }


def _recorded(name: str) -> bytes:
    lines = (HERE / "chromium" / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


@contextmanager
def _connected(
    supervisor: Supervisor, number: str
) -> Iterator[tuple[Callable[[bytes], None], BinaryIO]]:
    """Serve a lesson's project; give a way to send it bytes, and the stream of what it sends."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        write_project(find_lesson(number), project)
        server = supervisor.serve(project, Path(folder) / "log")
        try:
            with (
                socket.create_connection((server.host, server.port), timeout=30) as line,
                line.makefile("rb") as received,
            ):
                yield line.sendall, received
        finally:
            server.stop()


def _read_head(received: BinaryIO) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += received.readline()
    return head


def _masked_frame(text: bytes) -> bytes:
    """Return a text frame as a browser sends it, masked; not compressed."""
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
    return bytes([0x81, 0x80 | len(text)]) + mask + masked


def _read_frame(received: BinaryIO) -> bytes:
    head = received.read(2)
    assert head[1] < 126  # short, and from a server: not masked
    return head + received.read(head[1])


if __name__ == "__main__":
    text = json.dumps(measure(), indent=1) + "\n"
    (HERE / "wire_bytes.json").write_text(text, encoding="utf-8", newline="\n")
