"""A client that does not read."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen

#: Messages that wait for a consumer at most; characters of one of bob's; how many he says at most.
_CAPACITY, _SIZE, _MOST = 20, 30_000, 1_000
_SETTINGS = (
    "CHANNEL_LAYERS['default'] = {'BACKEND': 'channels.layers.InMemoryChannelLayer',"
    f" 'CONFIG': {{'capacity': {_CAPACITY}}}}}"
)


async def play(scene: Scene) -> None:
    server = await scene.serve("server 1", MEMORY, settings=_SETTINGS)
    ann, bob = await scene.guest("ann", server), await scene.guest("bob", server)
    await bob.say_and_hear("hello")
    await ann.hear("hello")
    ann.hold()
    for number in range(_MOST):
        await bob.say(f"{number} {'.' * _SIZE}")
        await bob.hear(f'"{number} .')
        if any(event.what == "fails" for event in scene.recording.events[-20:]):
            break
    await bob.say_and_hear("over")
    ann.read_on()
    await ann.hear('"0 .')

    async def ann_hears(number: int) -> None:
        await bob.say_and_hear(f"now? {number}")
        await scene.see(lambda event: event.who == "ann" and f"now? {number}" in event.text)

    await scene.again(ann_hears)


def claims(seen: Seen) -> Mapping[str, bool]:
    said = seen.count("bob", "says")
    return {
        "the others hear everything": seen.count("bob", "hears") == said,
        "she does not": seen.count("ann", "hears") < said,
        "her mailbox is full": seen.count("server 1", "fails", "ChannelFull") > 0,
        "what it had no room for is lost": not seen.hears("ann", "over"),
        "nobody is told": not seen.count("server 1", "raises"),
        "nobody is cut off": seen.code("ann") == seen.code("bob") == 0,
    }
