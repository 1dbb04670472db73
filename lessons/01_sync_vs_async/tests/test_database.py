"""Task `database`: postcards go into the database and come out, through the async ORM."""

import asyncio
from dataclasses import dataclass

from hypothesis import strategies as st

from channels_workshop.checking.agreement import Departure
from channels_workshop.checking.client import Client
from channels_workshop.checking.postcards import Postbox, Postcard
from channels_workshop.checking.searching import search
from channels_workshop.checking.timeline import Timeline
from channels_workshop.checking.witness import heard


async def test_postcard_arrives(postbox, some):
    anna, postcard = some.text(), Postcard(some.text(), some.text())
    await postbox.send(anna, postcard)
    await postbox.has(anna, [postcard])


async def test_nothing_for_nobody(postbox, some):
    await postbox.has(some.text(), [])


async def test_only_to_its_person(postbox, some):
    anna, boris = some.text(), some.text()
    postcards = [Postcard(some.text(), some.text()) for _ in range(2)]
    await postbox.send(anna, postcards[0])
    await postbox.send(boris, postcards[1])
    await postbox.has(anna, postcards[:1])
    await postbox.has(boris, postcards[1:])


async def test_same_city_again(postbox, some):
    anna, city = some.text(), some.text()
    postcards = [Postcard(city, some.text()) for _ in range(2)]
    for postcard in postcards:
        await postbox.send(anna, postcard)
    await postbox.has(anna, postcards)


async def test_oldest_first(postbox, some):
    anna = some.text()
    postcards = [Postcard(some.text(), some.text()) for _ in range(5)]
    for postcard in postcards:
        await postbox.send(anna, postcard)
    await postbox.has(anna, postcards)


async def test_another_process_has_them(postbox, some, session, serving, visit):
    anna, postcard = some.text(), Postcard(some.text(), some.text())
    await postbox.send(anna, postcard)
    log = session.folder / "another.log"
    another = session.backstage.serve(session.project, log, **serving)
    try:
        await Postbox(visit(another), "").has(anna, [postcard])
    finally:
        another.stop()


# ---- Against the reference


@dataclass(frozen=True)
class Send:
    to: str
    postcard: Postcard


@dataclass(frozen=True)
class Read:
    to: str


# Names that a careless comparison makes one.
PEOPLE = st.sampled_from(["Anna", "anna", "Анна"])
CITIES = st.sampled_from(["Riga", "riga", "Rīga", "São Paulo", "Ростов-на-Дону"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)
SIMPLEST = [Send("Anna", Postcard("Riga", "hello")), Read("Anna")]
POSTCARDS = st.builds(Postcard, CITIES, TEXTS)
ACTIONS = st.one_of(st.builds(Send, PEOPLE, POSTCARDS), st.builds(Read, PEOPLE))
# It begins with a postcard to each of two who are easily mistaken for each other.
OPENINGS = st.tuples(*(st.builds(Send, st.just(who), POSTCARDS) for who in ["Anna", "anna"]))
STORIES = st.builds(list.__add__, OPENINGS.map(list), st.lists(ACTIONS, min_size=1, max_size=6))


def test_like_the_reference(session, timeline, some):
    target, reference = session.plain(), session.reference()

    async def perform(actions, story, patience):
        # A person of this story alone: the postcards of the story before are still there.
        suffix = some.text()
        ours, theirs = Client(target, story, patience=patience), Client(reference, Timeline())
        try:
            boxes = [await Postbox.before(visitor) for visitor in (ours, theirs)]
            for action in actions:
                to = f"{action.to} {suffix}"
                if isinstance(action, Send):
                    for box in boxes:
                        await box.send(to, action.postcard)
                else:
                    received = [await box.received_by(to) for box in boxes]
                    if received[0] != received[1]:
                        raise Departure(str(received[1]), str(received[0]))
        finally:
            await ours.leave()
            await theirs.leave()

    # Whoever fails in the simplest story need not wait for a search.
    with heard(target):
        asyncio.run(perform(SIMPLEST, timeline, session.patience))
    search(STORIES, perform, target, session.seed, timeline)
