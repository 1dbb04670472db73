"""Task `heartbeat`: who is here stays counted, and who is not, is not for long."""

from contextlib import nullcontext
from itertools import pairwise

from channels_workshop.judging.mismatch import Mismatch, agreed


async def test_living_stay(scene, some):
    process, ann, bob, eve = await scene("idle")
    # First, while they are silent still: speaking must not be what keeps them here.
    await _newcomer_sees(process, some, "idle", "dan", 4)
    for person in (ann, bob, eve):
        await person.says_and_hears(some.text())
        person.shows(4, 4)
        person.never_goes(down=True)
    process, _other, ann, bob = await scene("deserted")
    await _newcomer_sees(process, some, "deserted", "eve", 4)
    for person in (ann, bob):
        person.never_goes(down=True)
    process, ann, bob = await scene("talking")
    await _newcomer_sees(process, some, "talking", "dan", 3)
    for person in (ann, bob):
        await person.says_and_hears(some.text())
        person.shows(3, 3)
        person.never_goes(down=True)


async def test_gone_stay_gone(scene, some, lesson):
    process, ann = await scene("left")
    await ann.says_and_hears(some.text())
    for before, after in pairwise(ann.counts):
        if after.tabs > before.tabs:
            raise Mismatch(
                lesson.message("tabs_only_go", who=ann.who),
                lesson.message("tabs_shrink", before=str(before), after=str(after)),
            )
    ann.never_goes(down=False)
    ann.shows(1, 1)
    await _newcomer_sees(process, some, "left", "dan", 2)


async def test_killed_process(scene, some):
    process, _killed, *stay = await scene("lost")
    ann, dan = stay
    await ann.comes_to_see(2, 2)  # with the newcomer of the scene
    await dan.comes_to_see(1, 1)
    await _newcomer_sees(process, some, "lost", "bob", 3)


async def test_nobody_is_left(scene, some):
    process, _killed = await scene("all lost")
    # There is a newcomer by now: that of the scene.
    await _newcomer_sees(process, some, "all lost", "ann", 2)


async def test_redis_is_emptied(scene, some):
    one, other, ann, bob = await scene("emptied")
    for person in (ann, bob):
        await person.comes_to_see(2, 2)
    with agreed("C12"):
        for number, (process, user) in enumerate([(other, "dan"), (one, "eve")], 3):
            people = (ann, bob, await process.join("emptied", user))
            # A busy process may notice late that somebody has gone.
            for person in people:
                await person.comes_to_see(number, number)
            await people[-1].say(text := some.text())
            for person in people:
                await person.heard(text)


async def test_redis_was_away(scene, missed, some, lesson):
    one, _other, *people = await scene("away")
    # First by a process from before: a new one may bring back to Redis what all of them need.
    await one.lets_in_at_last("away, elsewhere", "eve", lesson)
    stayed = [person for person in people if not person.connection.hung_up]
    # By a process that has known no other Redis: nothing of its own has to be mended first.
    newcomer = await missed.process("a new one").join("away", "dan")
    await newcomer.says_and_hears(some.text())
    # Those who stayed may be late on a busy machine. Whoever is gone never comes.
    await newcomer.comes_to_see(len(stayed) + 1, len(stayed) + 1)


async def _newcomer_sees(process, some, room, user, people):
    """Raise Mismatch unless somebody who comes in is shown so many, in one tab each."""
    newcomer = await process.join(room, user)
    await newcomer.says_and_hears(some.text())
    is_missing = bool(newcomer.counts) and newcomer.counts[-1].tabs < people
    # Whoever is missing is somebody whose tab is open.
    with agreed("C6") if is_missing else nullcontext():
        newcomer.shows(people, people)
