"""Errors that are for a person: what is wrong, and how to fix it."""

from .language import Message


class WorkshopError(Exception):
    """Wrong usage or a broken environment: shown without a traceback, exit code 2.

    `message` names the cause, `fix` says what to do about it. A Message is put into words where it
    is shown; a plain text is already in the person's language.
    """

    def __init__(self, message: Message | str, fix: Message | str = "") -> None:
        super().__init__(message, fix)
        self.message = message
        self.fix = fix

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in a notebook: there, too, no traceback."""
        return [str(self)]

    def __str__(self) -> str:
        return "\n".join(str(part) for part in (self.message, self.fix) if str(part))
