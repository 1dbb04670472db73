"""A server process is stopped, and goes on."""

import signal
from collections.abc import Mapping

from ..fault_needs import SIGNALS
from ..person import UNANSWERED
from ..scene import Scene
from ..seen import Seen

NEEDS = (SIGNALS,)


async def play(scene: Scene) -> None:
    await scene.redis.start()
    first, second = await scene.serve("server 1"), await scene.serve("server 2")
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    await ann.say_and_hear("hello")
    await bob.hear("hello")
    scene.signal(first, signal.SIGSTOP, "STOP")
    try:
        await bob.say_and_hear("are you asleep?")
        await scene.enter(scene.person("eve"), first, patience=UNANSWERED)
    finally:
        scene.signal(first, signal.SIGCONT, "CONT")
    await ann.hear("are you asleep?")
    await scene.see(lambda event: event.who == "server 1" and "asleep" in event.text)


def claims(seen: Seen) -> Mapping[str, bool]:
    late = seen.all("ann", "hears", "are you asleep?")
    return {
        "its client is not cut off": seen.code("ann") == 0,
        "and hears nothing before it goes on": seen.comes_first(
            seen.all("lab", "does", "-CONT"), late
        ),
        "what was said is not lost": len(late) == 1,
        "the others go on": seen.hears("bob", "are you asleep?"),
        "a newcomer gets no answer": seen.count("eve", "refused", "TimeoutError") == 1,
    }
