"""Task `layer`: all processes are one chat, in which everything is as it was in one."""

from channels_workshop.chat_checks import promises
from channels_workshop.chat_checks.accounts import Accounts, bearer, known_people
from channels_workshop.chat_checks.chat import (
    NamedPerson,
    is_closed_with,
    page_path,
    together,
)
from channels_workshop.chat_checks.client_frames import say
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.chat_checks.pages import (
    has_lobby,
    loads_all,
    read_page,
    says_what_is_allowed,
    shows_room,
)
from channels_workshop.chat_checks.rooms import allowed_names, other_paths, refused_names, twins
from channels_workshop.chat_checks.talk import Room
from channels_workshop.judging.mismatch import agreed, given
from many_processes import KnownEverywhere, standing_still
from scenes import MUCH

#: So many names are asked for at the same time.
AT_ONCE = 20
#: Of the rooms that are tried together, in so many are two people.
SHARED = 12
#: Messages: more than a mailbox holds by default.
MANY = 290
#: So many at a time, for whoever takes a second to tell anybody anything.
BATCH = 29
#: Messages: with the one that ends them, nearly as many as may be under way.
BURST = 490


async def test_across_processes(join, before, elsewhere, some):
    with agreed("T1"):
        await promises.reaches_everyone(join, some)
        await promises.reaches_its_sender(join, some)
    with agreed("T2"):
        await promises.stays_in_its_room(join, some)
    with agreed("V3"), given("REDIS_URL=redis://user:password@host:port"):
        room = some.name()
        ann, bob = [
            await before(server).arrives(room, user)
            for server, user in zip(elsewhere, ["ann", "bob"], strict=True)
        ]
        await ann.says_and_hears(text := some.text())
        await bob.heard(text)


async def test_texts(join, some):
    with agreed("T3"):
        await promises.texts_are_unchanged(join, some)
    with agreed("F1"):
        await promises.good_frames_are_good(join, some)
    with agreed("F2"):
        await promises.other_keys_are_ignored(join, some)


async def test_order_and_bursts(join, some):
    with agreed("T4"):
        await promises.keeps_the_order(join, some)
    with agreed("T5"):
        await promises.bursts_arrive(join, some)
        await _one_person_fills_the_room(join, some)


async def _one_person_fills_the_room(join, some):
    """All that may be under way is said by one, without a pause."""
    room = Room(join, some)
    ann, _bob = await room.enter("ann", "bob")
    await room.exchange({ann: [say(f"{n} {some.word()}") for n in range(BURST)]})


async def test_comings_and_goings(join, some):
    with agreed("G4"):
        await promises.comings_and_goings(join, some)


async def test_bad_frames(join, some):
    for sentence, code in _CODES.items():
        with agreed(sentence):
            await promises.answers_bad_frames(join, some, code)
    with agreed("E8"):
        await promises.errors_are_private(join, some)
    with agreed("E9"):
        await promises.stays_usable(join, some)
    with agreed("E10"):
        await promises.survives_disputed_frames(join, some)


_CODES = {
    "E1": "not_text",
    "E2": "too_large",
    "E3": "not_json",
    "E4": "not_object",
    "E5": "no_message",
    "E6": "not_string",
    "E7": "empty",
}


async def test_rooms(join, some):
    """In each room is somebody, on one process or the other; in some of them another one, too."""
    for names in (allowed_names(some), twins(some)):
        shared = {*some.random.sample(names, SHARED)}
        rooms = []
        for begin in range(0, len(names), AT_ONCE):
            batch = names[begin : begin + AT_ONCE]
            rooms += await together(*(_room(join, name, name in shared) for name in batch))
        for turn in (1, 2):
            # Whoever else hears it, hears it before the word of its own room, and sees whose it is.
            texts = [f"{turn} {some.text()} {name!a}" for name, _people in rooms]
            for (_name, people), text in zip(rooms, texts, strict=True):
                await people[0].say(text)
            for (name, people), text in zip(rooms, texts, strict=True):
                with agreed("R2"), given(name):
                    for person in people:
                        await person.hears(text)
        await together(*(person.connection.end() for _name, people in rooms for person in people))


async def _room(join, name, is_shared):
    with given(name):
        people = [await join(name, "ann")]
        if is_shared:
            people.append(await join(name, "bob"))
        texts = [f"{person.who} is in {name!a}" for person in people]
        for person, text in zip(people, texts, strict=True):
            await person.says_and_hears(text)
        for person in people[:-1]:
            await person.hears(texts[-1])
        return name, people


async def test_refused_rooms(join, everywhere, accounts, some):
    names, known = refused_names(some), bearer(accounts.token("ann"))
    with agreed("R3"):
        for begin in range(0, len(names), AT_ONCE):
            await together(*(_is_refused(join, name) for name in names[begin : begin + AT_ONCE]))
    for path in other_paths(some):
        with given(path), agreed("P6"):
            await is_closed_with(await everywhere.connect(path, headers=known), 4404)


async def _is_refused(join, name):
    with given(name):
        await (await join(name, "ann")).is_refused("bad_room", 4400)


async def test_pages(everywhere, some):
    for _each in range(2):
        with agreed("P1"):
            await has_lobby(everywhere)
    names = some.random.sample(allowed_names(some), 8)
    for name in names:
        with agreed("P2"):
            await shows_room(everywhere, page_path(name), name)
    for name in some.random.sample(refused_names(some), 8):
        with agreed("P3"):
            await says_what_is_allowed(everywhere, page_path(name), name)
    pages = [await read_page(everywhere, path) for path in ("/", page_path(names[0]))]
    for _each in range(2):
        with agreed("P4"):
            await loads_all(everywhere, *pages)


async def test_two_hundred_at_once(patient, some):
    # Of five each, since everyone in the room gets a new count with each join.
    rooms = [some.name() for _ in range(40)]
    arrivals = [
        patient.arrives(room, user, f"{user} {n}") for n, room in enumerate(rooms) for user in FIVE
    ]
    people = await together(*arrivals)
    for first, last in zip(people[::5], people[4::5], strict=True):
        await last.say(text := some.text())
        await first.heard(text)


FIVE = ["ann", "bob", "eve", "ann", "bob"]


async def test_busy_process(unseen, busy, some, lesson):
    room = some.name()
    ann, bob = await unseen.arrives(room, "ann"), await busy.arrives(room, "bob")
    await ann.says_and_hears(text := some.text())
    await bob.heard(text)
    texts = [f"{n} {some.text()}" for n in range(MANY)]
    async with standing_still(busy, lesson):
        for spoken in (texts[at : at + BATCH] for at in range(0, MANY, BATCH)):
            for text in spoken:
                await ann.say(text)
            for text in spoken:
                await ann.hears(text)
    for text in texts:
        await bob.hears(text)


async def test_slow_reader(scene, some):
    _process, _other, bob, eve = await scene("slow")
    for person in (bob, eve):
        person.connection.read_on()
    for person in (bob, eve):
        for text in MUCH:
            await person.hears(text)
        await person.says_and_hears(some.text())


async def test_idle_connection(scene, some):
    _process, ann, bob, eve = await scene("idle")
    await ann.say(text := some.text())
    for person in (ann, bob, eve):
        await person.heard(text)


def test_like_the_reference(servers, accounts, evidence, elsewhere):
    reference = servers.reference()

    def people(_server, timeline, patience):
        return KnownEverywhere(elsewhere, timeline, patience, accounts)

    compare_with_reference(
        Side(elsewhere[0], people, person=NamedPerson),
        Side(
            reference,
            known_people(Accounts(servers.trusted, reference.project)),
            person=NamedPerson,
        ),
        servers.seed,
        evidence.timeline,
        servers.patience,
    )
