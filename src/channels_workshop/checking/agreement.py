"""The one way in which a check fails: the agreement said one thing, the target did another."""


class Departure(AssertionError):
    """The target departs from the agreement. Both texts are short and in data, not in prose."""

    def __init__(self, agreed: str, happened: str) -> None:
        super().__init__(f"agreed: {agreed}; happened: {happened}")
        self.agreed = agreed
        self.happened = happened
