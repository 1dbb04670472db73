"""A consumer that loops in `connect`."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen

_CONNECT = """\
    async def connect(self):
        import asyncio

        self.group = group_name("tea")
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        while True:
            await self.send(json.dumps({"message": "tick"}))
            await asyncio.sleep(0.05)
"""


async def play(scene: Scene) -> None:
    server = await scene.serve("server 1", MEMORY, sections={"connect": _CONNECT})
    ann = await scene.guest("ann", server)
    await ann.hear("tick")
    await ann.say("hello")
    heard = Seen(scene.recording.events).count("ann", "hears")
    await ann.hear("tick", heard + 5)
    await ann.leave()
    await scene.see(lambda event: event.what == "lost", 3)


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "the loop is heard": seen.hears("ann", "tick"),
        "what the client says is never received": seen.count("ann", "says") == 1
        and not seen.count("server 1", "receives"),
        "that it has gone is never noticed": not seen.count("server 1", "leaves"),
        "the loop goes on for nobody": seen.count("server 1", "lost") >= 3,
    }
