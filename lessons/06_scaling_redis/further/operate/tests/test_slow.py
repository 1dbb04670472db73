"""Task `slow`: a slow reader misses nothing, and one who never reads weighs nobody down."""

from channels_workshop.judging.mismatch import agreed
from channels_workshop.judging.timeline import Timeline
from many_processes import held_up
from operating import (
    CONNECTIONS,
    DROPS,
    JOINS,
    MESSAGES,
    change,
    long_texts,
    read_metrics,
    says_all,
)

#: Characters: what waits for somebody who is held up, and what comes for somebody who is let go.
KEPT, TOO_MUCH = 5_700_000, 32_000_000


async def test_reads_late(unseen, other, some):
    room = some.name()
    ann, bob = await unseen.arrives(room, "ann"), await unseen.arrives(room, "bob")
    other.visitor.timeline = Timeline()
    eve = await other.arrives(room, "eve")
    await ann.says_and_hears(text := some.text())
    for person in (bob, eve):
        await person.heard(text)
    texts = long_texts(KEPT, some.word())
    with held_up(bob, eve):
        await says_all(ann, texts)
    for person in (bob, eve):
        for text in texts:
            await person.hears(text)
        await person.says_and_hears(some.text())


async def test_deaf_is_let_go(before, servers, lesson, some):
    process = before(servers.alongside("with a deaf one"))
    process.visitor.timeline, room = Timeline(), some.name()
    ann, eve = await process.arrives(room, "ann"), await process.arrives(room, "eve")
    at_first, said = await read_metrics(process.visitor, lesson), 0
    for _each in range(2):
        bob = await process.arrives(room, "bob")
        await ann.comes_to_see(3, 3)
        with held_up(bob):
            for text in long_texts(TOO_MUCH, some.word()):
                said += 1
                with agreed("B3"):
                    await ann.says_and_hears(text)
                    await eve.heard(text)
                if ann.counts[-1].tabs == 2:
                    break
            with agreed("B2"):
                await ann.comes_to_see(2, 2)
    changes = {JOINS: 2, CONNECTIONS: 0, MESSAGES: said + 2, DROPS: 2}
    await change(process.visitor, lesson, at_first, **changes)
