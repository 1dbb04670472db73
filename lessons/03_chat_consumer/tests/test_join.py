"""Task `join`: the handshake, and which group a room is."""


async def test_joins_its_group(observed_chat, groups, some):
    room = some.room()
    await observed_chat.join(room, "ann")
    await observed_chat.join(room, "bob")
    await groups.become(2)


async def test_rooms_are_apart(observed_chat, groups, some):
    await observed_chat.join(some.room(), "ann")
    await observed_chat.join(some.room(), "bob")
    await groups.become(1, 1)


async def test_every_script(observed_chat, groups, some):
    tail = some.room()
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
    for number, name in enumerate(names):
        await observed_chat.join(name, f"person {number}")
    await groups.become(*[1] * len(names))


async def test_names_stay_different(observed_chat, groups, some):
    tail = some.room()
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
    for number, name in enumerate(names):
        await observed_chat.join(name, f"person {number}")
    await groups.become(*[1] * len(names))


async def test_refuses_bad_names(observed_chat, groups):
    for name in ["ж" * 201, "   ", "a\nb", "\x00"]:
        await observed_chat.refuses(name, "bad_room", 4400)
    await groups.become()
