"""One client says more than all others."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen

#: How often dan speaks without waiting.
_TIMES = 100


async def play(scene: Scene) -> None:
    server = await scene.serve("server 1", MEMORY)
    names = ["ann", "bob", "eve", "dan"]
    ann, *others, dan = [await scene.guest(name, server) for name in names]
    for number in range(_TIMES):
        await dan.say(f"flood {number}")
    await ann.say("sentinel")
    for person in (ann, *others, dan):
        await person.hear("sentinel")
        await person.hear("flood", _TIMES)
    await scene.see(lambda event: event.what == "sends" and "sentinel" in event.text, 4)


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "everybody gets all of it": all(
            sum(text.startswith("flood") for text in seen.heard(name)) == _TIMES
            for name in ("ann", "bob", "eve", "dan")
        ),
        "one message in is four out": seen.count("server 1", "sends", "flood") == 4 * _TIMES,
        "nothing slows him down": not seen.count("server 1", "fails") and seen.code("dan") == 0,
    }
