"""What lesson 03 promised is promised still: pages, messages, errors, coming and going."""

from channels_workshop.chat_checks import pages, promises
from channels_workshop.chat_checks.chat import page_path
from channels_workshop.chat_checks.client_frames import CODES
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.chat_checks.rooms import allowed_names, of_each_kind, refused_names
from channels_workshop.judging.mismatch import agreed, expect, given


async def test_pages(visitor, lesson, some):
    with agreed("P1"):
        await pages.has_lobby(visitor)
    allowed, refused = [
        of_each_kind(names, some) for names in (allowed_names(some), refused_names(some))
    ]
    for room in allowed:
        with agreed("P2"):
            await pages.shows_room(visitor, page_path(room), room)
    for name in refused:
        with agreed("P3"):
            await pages.says_what_is_allowed(visitor, page_path(name), name)
    for begin in ("", '">', "'>", "-->", "<title>"):
        for end, sentence, status in (("", "P2", 200), ("\n", "P3", 400)):
            word = some.word()
            name = f"{begin}<b class={word}>{end}"
            with agreed(sentence), given(name):
                page = await pages.read_page(visitor, page_path(name), status)
                made = int(page.has_class(word))
                expect(
                    lesson.message("elements_of_name", count=0),
                    lesson.message("elements_of_name", count=made),
                )
    with agreed("P4"):
        lobby = await pages.read_page(visitor, "/")
        room = await pages.read_page(visitor, page_path(allowed[0]))
        no_room = await pages.read_page(visitor, page_path(refused[0]), 400)
        await pages.loads_all(visitor, lobby, room, no_room)


async def test_messages_arrive(crowd, some):
    for sentence, promise in {
        "T1": promises.reaches_everyone,
        "T2": promises.stays_in_its_room,
        "T3": promises.texts_are_unchanged,
        "T4": promises.keeps_the_order,
        "T5": promises.bursts_arrive,
        "F1": promises.good_frames_are_good,
        "F2": promises.other_keys_are_ignored,
    }.items():
        with agreed(sentence):
            await promise(crowd.join, some)
    with agreed("T5"):
        await promises.slow_tab_misses_nothing(crowd.join, some)


async def test_bad_frames_are_answered(crowd, some):
    for code, sentence in CODES.items():
        with agreed(sentence):
            await promises.answers_bad_frames(crowd.join, some, code)
    for sentence, promise in {
        "E8": promises.errors_are_private,
        "E9": promises.stays_usable,
        "E10": promises.survives_disputed_frames,
    }.items():
        with agreed(sentence):
            await promise(crowd.join, some)


async def test_people_come_and_go(crowd, some):
    await promises.comings_and_goings(crowd.join, some)


def test_like_the_reference(servers, evidence):
    target, reference = Side(servers.plain()), Side(servers.reference())
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
