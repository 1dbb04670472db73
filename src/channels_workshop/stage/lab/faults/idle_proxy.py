"""A socket on which nothing is said, behind a proxy."""

from collections.abc import Mapping

from ..fault_needs import NGINX
from ..scene import MEMORY, Scene
from ..seen import Seen

NEEDS = (NGINX,)
#: Seconds: what the proxy puts up with; from a ping to the next, of a server that provides for it.
_READ_TIMEOUT, _PING = 2, 0.3


async def play(scene: Scene) -> None:
    quiet = await scene.serve("server 1", MEMORY)
    pinging = await scene.serve("server 2", MEMORY, ping_interval=_PING)
    eve = await scene.guest("eve", await scene.proxy(pinging, _READ_TIMEOUT))
    ann = await scene.guest("ann", await scene.proxy(quiet, _READ_TIMEOUT))
    await ann.be_cut_off()
    await eve.say_and_hear("I am here still")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "who is silent is cut off without a word": seen.code("ann") == 1006,
        "the server has not closed it": not seen.count("server 1", "closes"),
        "where the server pings, the same silence is none": seen.code("eve") == 0
        and seen.hears("eve", "I am here still"),
    }
