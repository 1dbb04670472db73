"""The one way in which a check fails: the agreement says one thing, the target does another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..language import Message, message, verbatim
from ..processes.project import ProjectServer
from .timeline import bytes_shown, shortened


@dataclass(frozen=True)
class LogExcerpt:
    """What a server printed while a check went wrong; its paths lie in `project`."""

    text: str
    project: Path


class Mismatch(AssertionError):
    """What the target does is not what the agreement says.

    `expected` and `actual` are short: data, or a sentence that is put into words where it is shown.
    `close_code` is the code with which the server closed, `given` the input that brought it about.
    `sentence` is the id of the one sentence of the agreement that was not kept, where a check has
    several. `log` is the server's, where it is known which server that is.
    """

    def __init__(
        self,
        expected: Message | str,
        actual: Message | str,
        *,
        close_code: int | None = None,
        given: str | bytes | None = None,
    ) -> None:
        self.expected = expected if isinstance(expected, Message) else verbatim(expected)
        self.actual = actual if isinstance(actual, Message) else verbatim(actual)
        self.close_code = close_code
        self.given = None if given is None else _as_text(given)
        self.sentence: str | None = None
        self.log: LogExcerpt | None = None
        super().__init__(f"expected: {self.expected}; actual: {self.actual}")


class RanOut(Mismatch):
    """Patience ran out before the target did what the agreement says."""


class DoesNotStart(Mismatch):
    """A copy of the target does not start, though the target itself does."""

    def __init__(self, printed: str, project: Path) -> None:
        lines = [line for line in printed.splitlines() if line.strip()]
        super().__init__(message("the project starts"), lines[-1] if lines else message("nothing"))
        self.log = LogExcerpt(printed, project)


def expect(expected: Message | str, actual: Message | str) -> None:
    """Raise Mismatch unless both are the same."""
    if expected != actual:
        raise Mismatch(expected, actual)


@contextmanager
def given(what: str | bytes) -> Iterator[None]:
    """Attach `what`, the input that is to blame, to a Mismatch raised within."""
    try:
        yield
    except Mismatch as mismatch:
        if mismatch.given is None:
            mismatch.given = _as_text(what)
        raise


@contextmanager
def agreed(sentence: str) -> Iterator[None]:
    """Name the sentence of the agreement that a Mismatch raised within is about."""
    try:
        yield
    except Mismatch as mismatch:
        mismatch.sentence = mismatch.sentence or sentence
        raise


def _as_text(what: str | bytes) -> str:
    return shortened(what) if isinstance(what, str) else bytes_shown(what)


@contextmanager
def log_of(server: ProjectServer) -> Iterator[None]:
    """Attach to a Mismatch raised within what `server` has printed meanwhile."""
    position = server.log_size()
    try:
        yield
    except Mismatch as mismatch:
        mismatch.log = LogExcerpt(server.log_since(position), server.project)
        raise
