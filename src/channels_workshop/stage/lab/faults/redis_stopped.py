"""Redis goes away while people talk."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first, second = await scene.serve("server 1"), await scene.serve("server 2")
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    await ann.say_and_hear("hello")
    await bob.hear("hello")
    scene.does("redis: stop")
    await scene.redis.stop()
    await ann.say("are you there?")
    await ann.be_cut_off()
    await scene.see(lambda event: event.who == "server 1" and event.what == "raises")
    await scene.enter(scene.person("eve"), second)


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "before, they hear each other": seen.hears("bob", "hello"),
        "who speaks is cut off": seen.code("ann") != 0,
        "since the layer raises in her consumer": seen.count("server 1", "fails") > 0
        and seen.count("server 1", "raises") > 0,
        "who is silent is still connected": seen.code("bob") == 0,
        "nobody comes in": not seen.count("eve", "is_in") or seen.code("eve") != 0,
        "what was said is lost": not seen.hears("bob", "are you there?"),
    }
