"""A new version is put in place while people talk."""

from collections.abc import Mapping

from ..scene import Scene
from ..seen import Seen


async def play(scene: Scene) -> None:
    await scene.redis.start()
    before = await scene.serve("server 1")
    ann, bob = await scene.guest("ann", before), await scene.guest("bob", before)
    await ann.say_and_hear("hello")
    scene.does("deploy: server 2 starts")
    after = await scene.serve("server 2")
    eve = await scene.guest("eve", after)
    await eve.say_and_hear("old and new are one chat")
    await bob.hear("old and new are one chat")
    await scene.drain(before)
    await ann.be_cut_off()
    await bob.be_cut_off()
    await eve.say_and_hear("said in between")
    for person in (ann, bob):
        await scene.enter(person, after)
        await person.say_and_hear(f"{person.name} is back")
    await eve.hear("bob is back")


def claims(seen: Seen) -> Mapping[str, bool]:
    return {
        "old and new talk to each other": seen.hears("bob", "old and new are one chat"),
        "everybody on the old one is cut off": seen.code("ann") == seen.code("bob") == 1012,
        "they come back by themselves": seen.hears("eve", "bob is back"),
        "what was said in between has passed them by": not seen.hears("ann", "said in between")
        and not seen.hears("bob", "said in between"),
        "nothing has raised": not seen.count("server 1", "raises"),
    }
