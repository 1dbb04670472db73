"""Where a class is, as an instructor writes it on a blackboard, or a QR code has it."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from ....errors import WorkshopError
from ....language import message

#: The port of a class where none is named.
PORT = 8300
#: The path of the learners' WebSocket.
SOCKET = "ws/class/"

_CODE = re.compile(r"[A-Za-z0-9]{8}")


@dataclass(frozen=True)
class ClassAddress:
    """`host`, as in a URL, and `port` of a class; its `code` where it was written beside."""

    host: str
    port: int
    code: str = ""

    @property
    def socket(self) -> str:
        """The address to which a workshop connects."""
        return f"ws://{self}/{SOCKET}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_address(typed: str) -> ClassAddress:
    """Return what a person means by `192.168.1.7`, `…:8300`, `…:8300/CODE` or a page's whole address.

    Raises WorkshopError where that is no address.
    """
    typed = typed.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"http://{typed}")
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host = ""
    if (
        not re.fullmatch(r"[\w.:%-]+", host)
        or parts.scheme not in ("http", "ws")
        or "@" in parts.netloc
    ):
        raise WorkshopError(
            message("“{address}” is no address of a class.", address=typed),
            message("Write it as the instructor shows it, for example 192.168.1.7:8300."),
        )
    in_query = parse_qs(parts.query).get("code", [""])[0]
    in_path = [part for part in parts.path.split("/") if _CODE.fullmatch(part)]
    code = in_query or (in_path[-1] if in_path else "")
    return ClassAddress(f"[{host}]" if ":" in host else host, port, code)
