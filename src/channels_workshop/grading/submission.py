"""A submission, as data: what one student handed in for one lesson, and what of it is judged."""

from datetime import datetime

import msgspec

from ..language import Message


class Ignored(msgspec.Struct, frozen=True):
    """A file that was handed in and is not judged; `why` says the reason."""

    path: str
    why: Message


class Submission(msgspec.Struct, frozen=True):
    """What `student` handed in for `lesson`, read from `source` and held in memory.

    `student` is normalised (NFC). `lesson` is a lesson's name, empty where nothing tells which.
    `source` names the folder, archive or commit, relative to the path that was given to `grade`.
    `files` are those that are laid over the lesson, by their path in the project; `ignored` are the
    others. `refused` says why there is nothing to judge (empty, unreadable, another lesson's); then
    `files` is empty. `handed_in_at` has a time zone; None where nothing tells when. `notes` are
    things that a person should know and that change no mark: an older submission that does not
    count, a name that was written in two ways.
    """

    student: str
    lesson: str
    source: str
    files: dict[str, bytes] = {}
    ignored: list[Ignored] = []
    refused: Message | None = None
    handed_in_at: datetime | None = None
    notes: list[Message] = []
