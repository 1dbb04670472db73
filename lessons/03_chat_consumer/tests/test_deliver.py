"""Task `deliver`: a message reaches everyone in its room, and nobody else."""

import json

from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.judging.mismatch import given

LIMIT = 64 * 1024


async def test_reaches_everyone(chat, some):
    ann, bob, eve = await chat.people(some.name(), "ann", "bob", "eve")
    text = some.text()
    await ann.say(text)
    for person in (bob, eve):
        await person.hears(text)


async def test_reaches_its_sender(chat, some):
    (ann,) = await chat.people(some.name(), "ann")
    text = some.text()
    await ann.say(text)
    await ann.hears(text)


async def test_stays_in_its_room(chat, some):
    (ann,) = await chat.people(some.name(), "ann")
    bob, eve = await chat.people(some.name(), "bob", "eve")
    first, sentinel = some.text(), some.text()
    await ann.say(first)
    await ann.hears(first)
    await bob.say(sentinel)
    for person in (bob, eve):
        await person.hears(sentinel)


async def test_text_is_unchanged(chat, some):
    ann, bob = await chat.people(some.name(), "ann", "bob")
    just_fits = some.text()
    just_fits += "a" * (
        LIMIT - len(json.dumps({"message": just_fits}, ensure_ascii=False).encode())
    )
    for text in ["<b>жирный</b> & </script>", '"\\', "  edges  ", "two\nlines", "🫖", just_fits]:
        with given(text):
            await ann.say(text)
            for person in (ann, bob):
                await person.hears(text)


async def test_keeps_the_order(chat, some):
    ann, bob = await chat.people(some.name(), "ann", "bob")
    texts = [some.text() for _ in range(20)]
    for text in texts:
        await ann.say(text)
    for text in texts:
        await bob.hears(text)


async def test_client_chooses_no_type(chat, some):
    ann, bob = await chat.people(some.name(), "ann", "bob")
    for kind in ["websocket.disconnect", "websocket_close", "no.such.handler", "chat.message"]:
        text = some.text()
        with given(kind):
            await ann.send({"message": text, "type": kind})
            await ann.hears(text)
            await bob.hears(text)


def test_like_the_reference(servers, evidence):
    target, reference = Side(servers.plain()), Side(servers.reference())
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
