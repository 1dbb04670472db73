"""An event that Redis cannot carry."""

from collections.abc import Mapping

from ..scene import MEMORY, Scene
from ..seen import Seen

#: The event holds a moment, as it is.
_RECEIVE = """\
    async def receive(self, text_data=None, bytes_data=None):
        from datetime import datetime

        message = read_message(text_data)
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message, "at": datetime.now()}
        )
"""


async def play(scene: Scene) -> None:
    await scene.redis.start()
    sections = {"receive": _RECEIVE}
    over_redis = (
        "CHANNEL_LAYERS['default'] = {'BACKEND': 'channels_redis.pubsub.RedisPubSubChannelLayer',"
        f" 'CONFIG': {{'hosts': ['{scene.redis.url}']}}}}"
    )
    first = await scene.serve("server 1", MEMORY, sections=sections)
    second = await scene.serve("server 2", MEMORY, sections=sections, settings=over_redis)
    ann, bob = await scene.guest("ann", first), await scene.guest("bob", second)
    await ann.say_and_hear("hello")
    await bob.say("hello")
    await bob.be_cut_off()
    await scene.see(lambda event: event.who == "server 2" and event.what == "raises")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "in memory, any object will do": seen.hears("ann", "hello"),
        "over Redis the same code raises TypeError": seen.raised("server 2") == ["TypeError"],
        "which ends the sender": seen.code("bob") != 0,
        "and Redis is told nothing of it": not seen.count("Redis", "told", "PUBLISH"),
    }
