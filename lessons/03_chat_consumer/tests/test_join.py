"""Task `join`: the handshake, and which group a room is."""

from channels_workshop.judging.mismatch import given


async def test_joins_its_group(observed_chat, groups, some):
    room = some.name()
    await observed_chat.join(room, "ann")
    await observed_chat.join(room, "bob")
    await groups.become(2)


async def test_rooms_are_apart(observed_chat, groups, some):
    await observed_chat.join(some.name(), "ann")
    await observed_chat.join(some.name(), "bob")
    await groups.become(1, 1)


async def test_every_script(observed_chat, groups, some):
    tail = some.name()
    names = [
        f"комната {tail}",
        "my-room",
        "чай и кофе",
        "茶",
        "👨‍👩‍👧",
        "a" * 95,
        "ж" * 200,
        "50%?#&=+",
    ]
    await _have_a_group_each(observed_chat, groups, names)


async def _have_a_group_each(observed_chat, groups, names):
    for number, name in enumerate(names):
        with given(name):
            await observed_chat.join(name, f"person {number}")
            await groups.gain_one(name)


async def test_names_stay_different(observed_chat, groups, some):
    tail = some.name()
    names = [
        f"{tail} b",
        f"{tail}-b",
        f"{tail}_b",
        f"{tail}.b",
        f"{tail}b",
        f"{tail}B",
        f"{tail}б",
        tail,
        f"{tail} ",
    ]
    names += ["ж" * 199 + "a", "ж" * 199 + "b"]
    await _have_a_group_each(observed_chat, groups, names)


async def test_refuses_bad_names(observed_chat, groups):
    for name in ["ж" * 201, "   ", "a\nb", "\x00"]:
        await observed_chat.refuses(name, "bad_room", 4400)
    await groups.become()
