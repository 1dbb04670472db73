"""Plays a fault, and says whether the time line shows what its explanation says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...processes.children import FailedToStart
from ...processes.supervisor import Supervisor
from ..microscope.events import Event
from .fault import Fault
from .scene import Scene
from .seen import Seen

#: Seconds after which a fault that is not over is given up.
LIMIT = 120.0


@dataclass(frozen=True)
class Outcome:
    """What came of playing a fault: its time line, and each claim of its explanation.

    `stuck` says what it waited for in vain, where it did not come to its end.
    """

    events: Sequence[Event]
    claims: dict[str, bool] = field(default_factory=dict)
    stuck: str = ""

    @property
    def is_as_explained(self) -> bool:
        """Whether all of it holds."""
        return not self.stuck and bool(self.claims) and all(self.claims.values())


def play_fault(fault: Fault, supervisor: Supervisor) -> Outcome:
    """Play a fault in processes of its own, which end with it."""
    return asyncio.run(_play(fault, supervisor))


async def _play(fault: Fault, supervisor: Supervisor) -> Outcome:
    scene = Scene(supervisor)
    stuck, over = "", None
    try:
        await scene.open()
        async with asyncio.timeout(LIMIT):
            await fault.play(scene)
            over = await scene.settle()
    except (TimeoutError, RuntimeError, OSError, FailedToStart) as error:
        stuck = f"{type(error).__name__}: {error}"
    finally:
        await scene.close()
    # What has ended because we ended it is no part of the story.
    events = [event for event in scene.recording.events if over is None or event.at < over]
    claims = {} if stuck else dict(fault.claims(Seen(events)))
    return Outcome(events, claims, stuck)
