"""Task `join`: the handshake, which group a room is, and the pages on the way there."""

from channels_workshop.chat_checks.chat import (
    Chat,
    is_closed_with,
    page_path,
    together,
)
from channels_workshop.chat_checks.pages import (
    has_lobby,
    loads_all,
    read_page,
    says_what_is_allowed,
    shows_room,
)
from channels_workshop.chat_checks.rooms import (
    WITH_PLACES,
    allowed_names,
    of_each_kind,
    other_paths,
    refused_names,
    twins,
)
from channels_workshop.judging.groups import has_its_own
from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given

# So many names are asked for at the same time.
AT_ONCE = 20


async def test_joins_its_group(observed_join, groups, some):
    room = some.name()
    for number, who in enumerate(["ann", "bob", "ann, another tab"], 1):
        await observed_join(room, who)
        await groups.become(number)


async def test_rooms_are_apart(observed_join, groups, some):
    here, there = some.name(), some.name()
    for who, room in [("ann", here), ("bob", here), ("eve", there), ("ann, another tab", there)]:
        await observed_join(room, who)
    await groups.become(2, 2)


async def test_every_script(observed_join, groups, some):
    await _have_a_group_each(observed_join, groups, allowed_names(some))


async def test_names_stay_different(observed_join, groups, some):
    await _have_a_group_each(observed_join, groups, twins(some))


async def _have_a_group_each(join, groups, names):
    people = []
    try:
        for begin in range(0, len(names), AT_ONCE):
            together_now = names[begin : begin + AT_ONCE]
            people += await together(*(_joins(join, name) for name in together_now))
        await groups.become(*[1] * len(names))
    except Mismatch as mismatch:
        if mismatch.given is None:
            for name, person in zip(names, people, strict=False):
                with given(name):
                    await person.connection.still_open(has_its_own(name))
            # Who shares a group, or is in none, is seen one by one.
            await _name_the_first(join, groups, names)
        raise


async def _joins(join, name):
    with given(name):
        return await join(name, "somebody")


async def _name_the_first(join, groups, names):
    await groups.forget()
    owners = {}
    for name in names:
        await _joins(join, name)
        await groups.gain(name, owners)


async def test_refuses_bad_names(observed_visitor, groups, some):
    chat, names = Chat(observed_visitor), refused_names(some)
    with agreed("R3"):
        for begin in range(0, len(names), AT_ONCE):
            some_names = names[begin : begin + AT_ONCE]
            await together(*(chat.refuses(name, "bad_room", 4400) for name in some_names))
    with agreed("G2"):
        await groups.become()


async def test_other_paths(visitor, some):
    for path in other_paths(some):
        with given(path):
            await is_closed_with(await visitor.connect(path), 4404)


async def test_settings_are_left_alone(groups):
    await groups.become()  # whether there is anything to be read is the question


async def test_lobby(visitor):
    await has_lobby(visitor)
    await loads_all(visitor, await read_page(visitor, "/"))


async def test_room_page(visitor, lesson, some):
    names = of_each_kind(allowed_names(some), some)
    for name in names:
        await shows_room(visitor, page_path(name), name)
    with agreed("P4"):
        await loads_all(visitor, await read_page(visitor, page_path(names[0])))
    for room, word in _names_of_markup(some):
        await shows_room(visitor, page_path(room), room)
        with given(room):
            await _makes_no_element(visitor, lesson, page_path(room), 200, word)


def _names_of_markup(some):
    for begin in ("", '">', "'>", "-->", "<title>"):
        word = some.word()
        yield f"{begin}<b class={word}>", word


async def _makes_no_element(visitor, lesson, path, status, word):
    made = int((await read_page(visitor, path, status)).has_class(word))
    expect(
        lesson.message("elements_of_name", count=0), lesson.message("elements_of_name", count=made)
    )


async def test_refused_page(visitor, lesson, some):
    names = of_each_kind(refused_names(some), some)
    for name in dict.fromkeys([*names, *WITH_PLACES]):
        await says_what_is_allowed(visitor, page_path(name), name)
    for name, word in _names_of_markup(some):
        room = f"{name}\n"
        with given(room):
            await _makes_no_element(visitor, lesson, page_path(room), 400, word)
    with agreed("P4"):
        await loads_all(visitor, await read_page(visitor, page_path(names[0]), 400))
