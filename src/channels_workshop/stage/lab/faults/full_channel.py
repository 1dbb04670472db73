"""A channel that nobody reads."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen

_CAPACITY = 3
_SETTINGS = (
    "CHANNEL_LAYERS['default'] = {'BACKEND': 'channels.layers.InMemoryChannelLayer',"
    f" 'CONFIG': {{'capacity': {_CAPACITY}}}}}"
)
#: Each message is given to a worker too, which nobody has started.
_RECEIVE = """\
    async def receive(self, text_data=None, bytes_data=None):
        message = read_message(text_data)
        await self.channel_layer.send("tasks", {"type": "index", "message": message})
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message}
        )
"""


async def play(scene: Scene) -> None:
    sections = {"receive": _RECEIVE}
    server = await scene.serve("server 1", MEMORY, settings=_SETTINGS, sections=sections)
    ann = await scene.guest("ann", server)
    for number in range(_CAPACITY):
        await ann.say_and_hear(f"message {number}")
    await ann.say("one more")
    await ann.be_cut_off()
    await scene.see(lambda event: event.what == "raises")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "so many fit": len(seen.heard("ann")) == _CAPACITY,
        "then `send` raises": seen.count("server 1", "fails", "ChannelFull") == 1,
        "which ends the sender": seen.code("ann") != 0
        and seen.raised("server 1") == ["ChannelFull"],
    }
