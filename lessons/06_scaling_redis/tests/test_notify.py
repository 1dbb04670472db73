"""Task `notify`: what comes from outside reaches everyone in the room, once it is so."""

import json

from announcing import every_plan, survivors
from channels_workshop.chat_checks.rooms import allowed_names, refused_names
from channels_workshop.judging.mismatch import agreed, given
from channels_workshop.judging.texts import blank, long, texts
from channels_workshop.processes.ports import free_port

#: Characters: as many as a command line takes anywhere.
LONGEST_TEXT = 30_000
#: How many texts, and how many names of rooms, are tried in one run.
TEXTS, ROOMS = 30, 10


async def test_announced_everywhere(one, other, manage, some):
    room = some.name()
    people = [await one.arrives(room, "ann"), await other.arrives(room, "bob")]
    people.append(await other.join(room, "eve"))  # who only listens
    stranger = await other.arrives(some.name(), "dan")
    said = [some.text(), some.text()]
    # The same text may be announced again: at once, and later.
    told = [said[0], said[1], said[1], said[0]]
    await manage.announce(*((room, text) for text in told))
    for person in people:
        for text in said:
            await person.is_announced(text)
    # What is said now comes after all of it.
    late = [await one.arrives(room, "fay"), await other.arrives(room, "gus")]
    for person in people:
        await person.heard("gus is here")
        person.was_announced(*told)
    for outside in (stranger, *late):
        await outside.says_and_hears(some.text())
        with agreed("N2"):
            outside.was_announced()


async def test_announced_as_it_is(one, other, manage, some):
    room = some.name()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    said = [text.text for text in texts(some) if not text.is_blank and "\0" not in text.text]
    said = [text for text in said if not text.startswith("-")]  # an option, for the command line
    word = some.word()
    # Forms strip, and some commands fold: both in each run.
    edges = [f" {word}", f"{word} ", word, f"\n{word}\n", f"{word}\r\n", f"\t{word}  \n {word}"]
    said = [*some.random.sample(said, TEXTS), *edges]
    said += [long(3_000, some), long(LONGEST_TEXT, some), long(LONGEST_TEXT, some, "ж")]
    await manage.announce(*((room, text) for text in said))
    for person in (ann, bob):
        for text in said:
            with given(text):
                await person.is_announced(text)
    names = [name for name in allowed_names(some) if not name.startswith("-")]
    # Of each kind that a careless project folds at least one, and some of all.
    names = [f"Tea Room {word}", word, f"{word} ", f" {word}", *some.random.sample(names, ROOMS)]
    elsewhere = [(name, await other.arrives(name, "eve"), some.text()) for name in names]
    await manage.announce(*((name, text) for name, _eve, text in elsewhere))
    for name, eve, text in elsewhere:
        with given(name):
            await eve.is_announced(text)
            eve.was_announced(text)
    await manage.has_stored(*((room, text) for text in said))
    await manage.has_stored(*((name, text) for name, _eve, text in elsewhere))


async def test_announcement_is_stored(manage, some):
    room, another = some.name(), some.name()
    said = [(room, some.text()), (another, some.text()), (room, some.text())]
    await manage.announce(*said, said[0])
    await manage.has_stored(*said, said[0])


async def test_dry_run(one, other, manage, some):
    room, text = some.name(), some.text()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    await manage.announce(
        (room, some.text(), "--dry-run"), (room, text), (room, some.text(), "--dry-run")
    )
    for person in (ann, bob):
        await person.is_announced(text)
    await _were_told(some, [ann, bob], text)
    await manage.has_stored((room, text))


async def test_what_cannot_be_announced(one, other, manage, some):
    room, text = some.name(), some.text()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    blanks = [each.text for each in blank(some) if "\0" not in each.text]
    names = [name for name in refused_names(some) if "\0" not in name]
    # A slash is in no name; in a path it does not come as far as that.
    slashes = ["/", f"{room}/{room}", f"/{room}", f"{room}/"]
    names = ["", *names, *slashes]
    await manage.fails_to_announce(
        *((room, each) for each in blanks),
        *((name, text) for name in names),
        (room, some.random.choice(blanks), "--dry-run"),
        (some.random.choice(names), text, "--dry-run"),
    )
    await manage.announce((room, text))
    for person in (ann, bob):
        await person.is_announced(text)
    await _were_told(some, [ann, bob], text)
    await manage.has_just([(room, text)], room, *names)


async def test_told_after_the_commit(one, other, transaction, manage, some):
    room = some.name()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    told = []
    for how in ("committed", "nested"):
        texts = [some.text() for _ in range(2)]
        async with transaction(how, room, *texts):
            # They are announced, and not committed. Whatever was sent comes before what is said now.
            await _were_told(some, [ann, bob], *told)
        told += texts
        for person in (ann, bob):
            await person.is_announced(texts[-1])
            person.was_announced(*told)
    await manage.has_stored(*((room, text) for text in told))


async def test_taken_back(one, other, transaction, manage, some):
    room, told = some.name(), []
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    for how in ("rolled_back", "raised", "inner_rolled_back"):
        before, lost, after = [some.text() for _ in range(3)]
        # As a plan: what is taken back of it is in the list that says so.
        inner = ["roll back", lost] if how == "inner_rolled_back" else lost
        outer = "commit" if how == "inner_rolled_back" else "roll back"
        with given(json.dumps([[outer, before, inner], after], ensure_ascii=False)):
            async with transaction(how, room, before, lost, after):
                await _were_told(some, [ann, bob], *told)
            # What is taken back takes nothing else with it, and leaves nothing behind.
            told += [before, after] if how == "inner_rolled_back" else [after]
            for person in (ann, bob):
                await person.is_announced(after)
            await _were_told(some, [ann, bob], *told)
    plan = every_plan(some)
    with given(json.dumps(plan, ensure_ascii=False)):
        await manage.perform(room, plan)
        told += survivors(plan)
        for person in (ann, bob):
            await person.is_announced(told[-1])
        await _were_told(some, [ann, bob], *told)
    await manage.has_stored(*((room, text) for text in told))


async def test_stored_without_redis(manage, some):
    room, text = some.name(), some.text()
    nobody = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}"}
    await manage.elsewhere(nobody).announce((room, text), (room, text, "--dry-run"))
    await manage.has_stored((room, text))


async def _were_told(some, people, *texts):
    """Raise Mismatch unless just these texts were announced: nothing else is on its way.

    Nobody comes in for it, since a transaction may have locked the database.
    """
    for speaker in people:
        await speaker.say(sentinel := some.text())
        for person in people:
            await person.heard(sentinel)
            person.was_announced(*texts)
