"""Redis answers late."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    gate, port = await scene.gate(scene.redis.port)
    server = await scene.serve("server 1", environment={"REDIS_URL": f"redis://127.0.0.1:{port}"})
    ann, bob = await scene.guest("ann", server), await scene.guest("bob", server)
    await ann.say_and_hear("hello")
    await bob.hear("hello")
    scene.does("redis: slow")
    gate.close()
    await ann.say("this takes time")
    await scene.see(lambda event: event.what == "tells" and "this takes time" in event.text)
    await scene.get(server, "/")
    scene.does("redis: quick again")
    gate.open()
    await bob.hear("this takes time")


def claims(seen: Seen) -> Mapping[str, bool]:
    late = seen.all("bob", "hears", "this takes time")
    return {
        "meanwhile the server answers others": [e.code for e in seen.all("server 1", "answers")]
        == [200],
        "the answer comes before the message": seen.comes_first(
            seen.all("server 1", "answers"), late
        ),
        "the message comes once Redis is quick again": seen.comes_first(
            seen.all("lab", "does", "quick again"), late
        ),
        "nobody is cut off": seen.code("ann") == seen.code("bob") == 0,
    }
