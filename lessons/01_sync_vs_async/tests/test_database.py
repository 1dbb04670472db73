"""Task `database`: postcards go into the database and come out, through the async ORM."""

import asyncio
from dataclasses import dataclass

from hypothesis import strategies as st

from channels_workshop.judging.client import Client
from channels_workshop.judging.counterexample import search
from channels_workshop.judging.mismatch import expect, log_of
from channels_workshop.judging.timeline import Timeline
from postcards import Postbox, Postcard, listed


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


async def test_another_process_has_them(postbox, some, servers, visit):
    anna, postcard = some.text(), Postcard(some.text(), some.text())
    await postbox.send(anna, postcard)
    another = servers.another("another")
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


def test_like_the_reference(servers, evidence, some):
    target, reference = servers.plain(), servers.reference()

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
                    actual, expected = [listed(to, await box.received_by(to)) for box in boxes]
                    expect(expected, actual)
        finally:
            await ours.leave()
            await theirs.leave()

    # Where the simplest story fails, no search is needed.
    with log_of(target):
        asyncio.run(perform(SIMPLEST, evidence.timeline, servers.patience))
    search(STORIES, perform, target, servers.seed, evidence.timeline, servers.patience)
