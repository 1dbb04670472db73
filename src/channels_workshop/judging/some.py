"""What no two runs have in common: random names and texts, the same for the same seed."""

import random


class Some:
    """Random texts and names, the same for the same seed."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def text(self) -> str:
        """Return something to say that cannot be guessed."""
        return f"{self.random.choice(_OPENINGS)} {self.word()}"

    def name(self) -> str:
        """Return a plain ASCII name that no other check uses."""
        return f"name-{self.word()}"

    def word(self) -> str:
        """Return eight small letters."""
        return "".join(self.random.choices("abcdefghkmnprstuvwxyz", k=8))


_OPENINGS = ["hello", "привет", "tea at five?", "снова я,", "안녕", "👋🏽"]
