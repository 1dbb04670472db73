"""Task `notify`: what comes from outside reaches everyone in the room, once it is so."""

from channels_workshop.judging.mismatch import expect


async def test_announced_everywhere(one, other, manage, some):
    room, text = some.name(), some.text()
    people = [await one.arrives(room, "ann"), await other.arrives(room, "bob")]
    stranger = await other.arrives(some.name(), "eve")
    await manage(["announce", room, text])
    for person in people:
        await person.is_announced(text)
    await stranger.says_and_hears(some.text())
    stranger.was_announced()


async def test_announcement_is_stored(manage, some):
    room, text, taken_back = some.name(), some.text(), some.text()
    *_announced, stored = await manage(
        ["announce", room, text],
        ["announce", room, taken_back, "--dry-run"],
        ["announce", some.name(), text],
        ["shell", "--no-imports", "-c", _LIST.format(room=room)],
    )
    query = f"Announcement.objects.filter(room={room!r})"
    expect(f"{query}: {[text]}", f"{query}: {stored.strip()[:100]}")


_LIST = """
from chat.models import Announcement
print([one.text for one in Announcement.objects.filter(room={room!r})])
"""


async def test_dry_run_tells_nobody(one, other, manage, some):
    room, text = some.name(), some.text()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    await manage(["announce", room, some.text(), "--dry-run"], ["announce", room, text])
    for person in (ann, bob):
        await person.is_announced(text)
        person.was_announced(text)


async def test_told_after_the_commit(one, other, transaction, some):
    room, text = some.name(), some.text()
    ann, bob = await one.arrives(room, "ann"), await other.arrives(room, "bob")
    async with transaction(room, text):
        # It is announced, and not committed. Whatever was sent comes before what is said now.
        await ann.say(sentinel := some.text())
        for person in (ann, bob):
            await person.heard(sentinel)
            person.was_announced()
    for person in (ann, bob):
        await person.is_announced(text)
