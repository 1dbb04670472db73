"""Task `tell`: everyone in the room is shown the count, and never an old one after a newer."""


async def test_everyone_is_told(crowd, some):
    room, text = some.name(), some.text()
    ann, bob = await crowd.join(room, "ann"), await crowd.join(room, "bob")
    for person in (ann, bob):
        await person.settle()
    eve = await crowd.join(room, "eve")
    await eve.says_and_hears(text)
    for person in (ann, bob):
        await person.heard(text)
        person.shows(3, 3)


async def test_newcomer_is_told(crowd, some):
    room = some.name()
    ann = await crowd.join(room, "ann")
    await ann.says_and_hears(some.text())
    ann.shows(1, 1)
    bob = await crowd.join(room, "bob")
    await bob.says_and_hears(some.text())
    bob.shows(2, 2)


async def test_never_stale(shuffled_crowd, some):
    room, text = some.name(), some.text()
    people = await shuffled_crowd.at_once(25, room)
    last = await shuffled_crowd.join(room, "the last")
    await last.says_and_hears(text)
    for person in people:
        await person.heard(text)
        person.shows(26, 26)
        person.never_goes(down=True)
