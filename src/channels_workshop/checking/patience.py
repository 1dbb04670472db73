"""How long an answer may take before its absence is a failure."""

#: Seconds. A right solution never waits so long; a wrong one waits it out.
AT_FIRST = 5.0
#: Seconds, once the target has kept this run waiting in vain: it has failed by then.
AFTERWARDS = 1.5


class Patience:
    """The patience of one run of checks, in `seconds`; shared by all that waits in it."""

    def __init__(self, seconds: float = AT_FIRST) -> None:
        self.seconds = seconds

    def was_in_vain(self) -> None:
        """Wait less from now on."""
        self.seconds = min(self.seconds, AFTERWARDS)
