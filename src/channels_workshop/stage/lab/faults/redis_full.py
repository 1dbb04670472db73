"""Redis has no memory left."""

from collections.abc import Mapping

from ..fault_needs import REAL_REDIS
from ..scene import Scene
from ..seen import Seen

NEEDS = (REAL_REDIS,)


async def play(scene: Scene) -> None:
    await scene.redis.start()
    server = await scene.serve("server 1")
    ann, bob = await scene.guest("ann", server), await scene.guest("bob", server)
    await ann.say_and_hear("hello")
    scene.does("CONFIG SET maxmemory 1")
    await scene.redis.ask("CONFIG", "SET", "maxmemory", "1")
    await ann.say("is it full?")
    await bob.hear("is it full?")
    eve = scene.person("eve")
    if await scene.enter(eve, server):
        await eve.be_cut_off()
    await scene.see(lambda event: event.what == "raises")
    await bob.say_and_hear("sentinel")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "who is in can talk": seen.hears("bob", "is it full?"),
        "nobody stays who comes now": seen.code("eve") != 0,
        "Redis refuses to store more": any(
            "OOM" in event.text or "OutOfMemory" in event.where
            for event in seen.all("server 1", "raises")
        ),
        "those who are in stay in": seen.code("ann") == seen.code("bob") == 0,
    }
