"""The one way in which a check fails: the agreement said one thing, the target did another."""

from pathlib import Path

from ..language import _


class Departure(AssertionError):
    """The target departs from the agreement. Both texts are short and in data, not in prose.

    `printed` is what the server said to it, with paths in `project`, where whoever raises it knows.
    """

    printed: str = ""
    project: Path | None = None

    def __init__(self, agreed: str, happened: str) -> None:
        super().__init__(f"agreed: {agreed}; happened: {happened}")
        self.agreed = agreed
        self.happened = happened


class DoesNotStart(Departure):
    """A copy of the target does not start."""

    def __init__(self, printed: str, project: Path) -> None:
        lines = [line for line in printed.splitlines() if line.strip()]
        super().__init__(_("the project starts"), lines[-1] if lines else _("nothing"))
        self.printed = printed
        self.project = project
