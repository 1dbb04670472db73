"""Task `leave`: who is gone is out of the group."""


async def _two_in_a_room(observed_chat, groups, lesson, some):
    room = some.name()
    ann = await observed_chat.join(room, "ann")
    await observed_chat.join(room, "bob")
    await groups.become(2, when=lesson.message("nobody_has_left"))
    return ann


async def test_leaves_its_group(observed_chat, groups, lesson, some):
    ann = await _two_in_a_room(observed_chat, groups, lesson, some)
    await ann.leave()
    await groups.become(1)


async def test_drops_out_of_its_group(observed_chat, groups, lesson, some):
    ann = await _two_in_a_room(observed_chat, groups, lesson, some)
    ann.drop()
    await groups.become(1)
