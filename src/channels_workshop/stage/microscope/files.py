"""A recording as a file: a heading, then a line of JSON for each event."""

from collections.abc import Iterable, Iterator

import msgspec

from ...errors import WorkshopError
from ...language import message
from .events import Event, read_event


class _Heading(msgspec.Struct, frozen=True):
    """The first line of a file: what it is, and in which form."""

    frames: str = "channels-workshop"
    version: int = 1


#: Bytes of a file that is read. What is recorded is less.
LARGEST_FILE = 64 * 2**20

_encode = msgspec.json.Encoder().encode_lines


def to_file(events: Iterable[Event]) -> bytes:
    """Return a recording as the content of a file."""
    return _encode([_Heading(), *events])


def from_file(content: bytes) -> list[Event]:
    """Return what `to_file` has written. Raises WorkshopError where that is something else."""
    return list(_events_in(content))


def _events_in(content: bytes) -> Iterator[Event]:
    first, *lines = content.splitlines() or [b""]
    try:
        heading = msgspec.json.decode(first, type=_Heading)
        is_ours = b'"frames"' in first and heading == _Heading()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        is_ours = False
    if not is_ours or len(content) > LARGEST_FILE:
        raise WorkshopError(
            message("This is no recording of frames, or not one of this version."),
            message("Choose a file that the frame microscope has saved."),
        )
    for number, line in enumerate(lines, 2):
        try:
            yield read_event(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise WorkshopError(
                message(
                    "Line {number} of the recording is no event: {why}",
                    number=number,
                    why=str(error),
                ),
                message("Choose a file that the frame microscope has saved."),
            ) from None
