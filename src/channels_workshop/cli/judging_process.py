"""The judge of `check`, started before anything else: its imports are the slow half of a check."""

from ..judging.judge import Judge

_early: Judge | None = None


def start_early() -> None:
    """Start the judging process in the background."""
    global _early
    _early = Judge()
    _early.warm()


def judge() -> Judge:
    """Return the judge that was started early, else a new one. Close it after use."""
    return _early or Judge()


def close() -> None:
    """End the process that was started early."""
    if _early is not None:
        _early.close()
