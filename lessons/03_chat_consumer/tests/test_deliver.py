"""Task `deliver`: a message reaches everyone in its room, and nobody else."""

from channels_workshop.chat_checks import promises
from channels_workshop.chat_checks.chat import Chat
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.judging.mismatch import agreed

#: Seconds.
A_MINUTE = 60


async def test_reaches_everyone(join, some):
    await promises.reaches_everyone(join, some)


async def test_reaches_its_sender(join, some):
    await promises.reaches_its_sender(join, some)


async def test_stays_in_its_room(join, observed_join, groups, some):
    await promises.stays_in_its_room(join, some)
    # Nor does what they say and hear bring anybody into another group.
    with agreed("G1"):
        room = some.name()
        people = [await observed_join(room, who) for who in ("ann", "bob")]
        for person in people:
            await person.settle()
        await groups.become(len(people))


async def test_text_is_unchanged(join, some):
    await promises.texts_are_unchanged(join, some)


async def test_good_frames(join, some):
    await promises.good_frames_are_good(join, some)


async def test_client_chooses_no_type(join, some):
    await promises.other_keys_are_ignored(join, some)


async def test_keeps_the_order(join, some):
    await promises.keeps_the_order(join, some)


async def test_bursts_arrive(join, before_passing, some):
    await promises.bursts_arrive(join, some)
    if before := await before_passing():
        visitor, let_pass = before
        await promises.slow_tab_misses_nothing(Chat(visitor).join, some, let_pass)
    else:
        await promises.slow_tab_misses_nothing(join, some)


async def test_comings_and_goings(join, watched, watched_join, some):
    await promises.comings_and_goings(join, some)
    with agreed("G5"):
        await promises.silent_tabs_stay(watched_join, watched.let_pass, some)
    with agreed("G3"):
        await _nobody_comes_in_later(watched, watched_join, some)


async def _nobody_comes_in_later(watched, join, some):
    """Whoever goes at once is in no group a minute later, whenever it would have joined."""
    await watched.begin()
    room = some.name()
    for _time in range(2):
        await (await join(room, "ann, who goes at once")).leave()
        (await join(room, "bob, who is lost at once")).drop()
    stays = await join(room, "eve")
    await stays.settle()
    await watched.become(1)
    await watched.let_pass(A_MINUTE)
    await watched.become(1)


async def test_stays_usable(join, some):
    await promises.stays_usable(join, some)


async def test_disputed_frames(join, some):
    await promises.survives_disputed_frames(join, some)


def test_like_the_reference(servers, evidence):
    target, reference = Side(servers.plain()), Side(servers.reference())
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
