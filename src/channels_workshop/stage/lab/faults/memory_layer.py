"""Two servers on the in-memory layer: each has groups of its own."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    first = await scene.serve("server 1", MEMORY)
    second = await scene.serve("server 2", MEMORY)
    ann, eve = await scene.guest("ann", first), await scene.guest("eve", first)
    bob = await scene.guest("bob", second)
    await ann.say("hello")
    await eve.hear("hello")
    # What bob hears of his own comes after whatever was on its way to him.
    await bob.say_and_hear("is anybody here?")
    await eve.leave()
    await scene.see(lambda event: event.who == "server 1" and event.what == "leaves")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "those on one server hear each other": seen.hears("eve", "hello"),
        "who is on the other one hears nothing": seen.heard("bob") == ["is anybody here?"],
        "nor is bob heard": not seen.hears("ann", "is anybody here?"),
        "nothing of it is an error": not seen.count("server 1", "raises")
        and not seen.count("server 2", "raises"),
    }
