"""Redis goes away and comes back, empty."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first, second = await scene.serve("server 1"), await scene.serve("server 2")
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    eve = await scene.guest("eve", first)
    await ann.say_and_hear("hello")
    await bob.hear("hello")
    scene.does("redis: stop")
    await scene.redis.stop()
    await eve.say("said meanwhile")
    await eve.be_cut_off()
    scene.does("redis: start")
    await scene.redis.start()

    async def bob_hears(number: int) -> None:
        if not ann.is_in:
            await scene.enter(ann, first)
        await ann.say(f"try {number}")
        await bob.hear(f"try {number}")

    await scene.again(bob_hears)


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "before, they hear each other": seen.hears("bob", "hello"),
        "what was said meanwhile is lost": not seen.hears("bob", "said meanwhile"),
        "who said it is cut off": seen.code("eve") != 0,
        "who was silent has stayed connected": seen.code("bob") == 0,
        "and hears again": any(text.startswith("try") for text in seen.heard("bob")),
    }
