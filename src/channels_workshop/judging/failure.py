"""A failure as data: what a check expected, what happened, and where in the project to look."""

import msgspec

from ..language import Message
from .timeline import Moment


class Failure(msgspec.Struct, frozen=True):
    """Everything known about a failed check. Nothing of it is in any language yet.

    `moments` is the story of the check, in order. `file` (a path in the project) and `line` (from 1)
    say where the learner's own code raised, or where an `await` is missing. `traceback` holds the
    frames in the project and the exception; `warning` what Python warned of; `close_code` is the
    code with which the server closed; `input` what the check had sent, where one input is to blame;
    `known` is the id of a well-known error (`lesson.toml`), which a page explains; `sentences` are
    the ids of the agreement's sentences that were not kept, all of the check's where it is not known
    which; `task` is the task in which `line` stands, where that is known.
    """

    expected: Message
    actual: Message
    moments: list[Moment] = []
    file: str | None = None
    line: int | None = None
    traceback: str | None = None
    warning: str | None = None
    close_code: int | None = None
    input: str | None = None
    known: str | None = None
    sentences: list[str] = []
    task: str | None = None

    @property
    def place(self) -> str:
        """`file:line`, or an empty text."""
        return f"{self.file}:{self.line}" if self.file else ""

    @property
    def cause(self) -> tuple[str, ...]:
        """What two failures have in common that have one cause: the place and the exception.

        Empty where the server raised nothing.
        """
        said = (self.traceback or self.warning or "").strip().splitlines()
        return (self.place, said[-1]) if said else ()


class DoesNotRun(msgspec.Struct, frozen=True):
    """Why a project does not start: the frames in the project and the exception, and the place."""

    traceback: str
    file: str | None = None
    line: int | None = None
    known: str | None = None

    @property
    def place(self) -> str:
        """`file:line`, or an empty text."""
        return f"{self.file}:{self.line}" if self.file else ""

    @property
    def headline(self) -> str:
        """The last line of the traceback: the exception itself."""
        lines = self.traceback.strip().splitlines()
        return lines[-1] if lines else ""
