"""A code that lets somebody in: shown in the terminal, typed or followed once, kept in a cookie."""

import hmac
import secrets

#: Letters and digits that nobody mistakes for each other when reading them off a screen.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: So many that nobody guesses it while a lecture lasts.
_LENGTH = 8


class AccessCode:
    """A new code for each run. `cookie` is the name under which a browser keeps it."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self.text = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))

    def fits(self, shown: str | None) -> bool:
        """Return whether that is the code, as people type it: spaces and capitals do not matter."""
        typed = "".join((shown or "").split()).lower()
        return hmac.compare_digest(typed.encode(), self.text.encode())
