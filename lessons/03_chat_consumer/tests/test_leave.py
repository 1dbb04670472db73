"""Task `leave`: who is gone is out of the group."""


async def test_leaves_its_group(observed_chat, groups, some):
    room = some.room()
    ann = await observed_chat.join(room, "ann")
    await observed_chat.join(room, "bob")
    await groups.become(2)
    await ann.leave()
    await groups.become(1)


async def test_drops_out_of_its_group(observed_chat, groups, some):
    room = some.room()
    ann = await observed_chat.join(room, "ann")
    await observed_chat.join(room, "bob")
    await groups.become(2)
    ann.drop()
    await groups.become(1)
