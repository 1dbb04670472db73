"""A server process is killed."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first, second = await scene.serve("server 1"), await scene.serve("server 2")
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    await ann.say_and_hear("hello")
    await bob.hear('"count": 2')
    await scene.kill(first)
    await ann.be_cut_off()
    await bob.say_and_hear("are you there?")
    await scene.enter(ann, second)
    await bob.hear('"tabs": 3')


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "its clients are cut off without a word": seen.code("ann") == 1006,
        "the others notice nothing": seen.code("bob") == 0 and seen.hears("bob", "are you there?"),
        "it has cleared nothing up": not seen.count("server 1", "leaves")
        and not seen.count("server 1", "ends"),
        "so a tab that is gone is still counted": seen.count("bob", "hears", '"tabs": 3') > 0,
    }
