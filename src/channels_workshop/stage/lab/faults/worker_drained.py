"""A server process is asked to end."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first, second = await scene.serve("server 1"), await scene.serve("server 2")
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    await ann.say_and_hear("hello")
    await bob.hear('"count": 2')
    await scene.drain(first)
    await ann.be_cut_off()
    await scene.enter(ann, second)
    await bob.hear('"count": 2', 2)


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "its clients are told why: 1012, a restart": seen.code("ann") == 1012,
        "it has cleared up": seen.count("server 1", "leaves") == 1,
        "the others see who goes and comes": seen.counts("bob")[-3:] == [2, 1, 2],
        "and stay connected": seen.code("bob") == 0,
    }
