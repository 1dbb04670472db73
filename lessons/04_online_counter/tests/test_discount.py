"""Task `discount`: everyone who is gone is discounted once, however they went."""

from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.judging.client import Closed


async def _three(crowd, some, room):
    """Return three people who are in the room, and have read that there are three."""
    text = some.text()
    people = [await crowd.join(room, who) for who in ("ann", "bob", "eve")]
    for person in people:
        await person.settle()
    await people[-1].say(text)
    for person in people:
        await person.heard(text)
    return people


async def _newcomer_sees(crowd, some, room, number):
    """What ann saw was not on its way to something else."""
    newcomer = await crowd.join(room, "newcomer")
    await newcomer.says_and_hears(some.text())
    newcomer.shows(number, number)


async def test_leaves_the_count(crowd, some):
    room = some.name()
    ann, bob, _ = await _three(crowd, some, room)
    await bob.leave()
    await ann.comes_to_see(2, 2)
    await _newcomer_sees(crowd, some, room, 3)


async def test_drops_out_of_the_count(crowd, some):
    room = some.name()
    ann, bob, _ = await _three(crowd, some, room)
    bob.drop()
    await ann.comes_to_see(2, 2)
    await _newcomer_sees(crowd, some, room, 3)


async def test_leaves_its_group(observed_crowd, groups, some):
    room = some.name()
    ann, bob, _ = await _three(observed_crowd, some, room)
    await groups.become(3)
    await bob.leave()
    await ann.comes_to_see(2, 2)
    await groups.become(2)


async def test_exception_is_discounted(observed_crowd, mailboxes, some):
    room = some.name()
    ann, _, eve = await _three(observed_crowd, some, room)
    await eve.leave()
    await ann.comes_to_see(2, 2)
    others = await mailboxes.addresses()
    unlucky, text = await observed_crowd.join(room, "unlucky"), some.text()
    await unlucky.says_and_hears(text)
    await ann.heard(text)
    (address,) = await mailboxes.addresses() - others
    await mailboxes.break_consumer(address)
    still_here = await _lives(unlucky, some)
    await ann.comes_to_see(2 + still_here, 2 + still_here)


async def _lives(person, some):
    """Whether a consumer has survived the event before this message."""
    try:
        await person.says_and_hears(some.text())
    except Closed:
        return False
    return True


async def test_all_leave_at_once(shuffled_crowd, some):
    room = some.name()
    ann = await shuffled_crowd.join(room, "ann")
    await ann.settle()
    people = await shuffled_crowd.at_once(25, room)
    await ann.comes_to_see(26, 26)
    ann.counts.clear()
    for person in people:
        person.drop()
    await ann.comes_to_see(1, 1)
    await _newcomer_sees(shuffled_crowd, some, room, 2)
    await ann.comes_to_see(2, 2)
    del ann.counts[-1]
    ann.never_goes(down=False)


def test_like_the_reference(servers, evidence):
    target, reference = Side(servers.plain()), Side(servers.reference())
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
