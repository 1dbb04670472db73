"""Errors that are for a person: what is wrong, and how to mend it."""


class Trouble(Exception):
    """Wrong usage or a broken environment: shown without a traceback, exit code 2.

    `message` names the cause, `mend` says what to do about it. Both are already in the person's
    language.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message, mend)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message}\n{self.mend}" if self.mend else self.message
