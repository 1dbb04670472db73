"""Two servers whose clocks differ, and presences that expire."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen

#: Server 2 is an hour ahead.
_AHEAD = "import time\n\n_true = time.time\ntime.time = lambda: _true() + 3600\n"


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first = await scene.serve("server 1")
    second = await scene.serve("server 2", settings=_AHEAD)
    ann = await scene.guest("ann", first)
    await ann.hear('"count": 1')
    bob = await scene.guest("bob", second)
    await bob.hear('"count": 1')
    await bob.say_and_hear("am I alone?")
    await ann.hear("am I alone?")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "two are in, and one is counted": seen.counts("bob")[-1:] == [1],
        "nobody is shown two": 2 not in seen.counts("ann") + seen.counts("bob"),
        "messages know no clock": seen.hears("ann", "am I alone?"),
        "nothing of it is an error": not seen.count("server 2", "raises"),
    }
