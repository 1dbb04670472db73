"""Task `database`: postcards go into the database and come out, through the async ORM."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import strategies as st

from channels_workshop.judging.client import Client
from channels_workshop.judging.counterexample import search
from channels_workshop.judging.evidence import Evidence
from channels_workshop.judging.mismatch import RanOut, agreed, expect, given
from channels_workshop.judging.timeline import Timeline
from kinds import NAME, TEXT, names, words
from page import TOKEN
from postcards import READING, SENDING, Postbox, Postcard, compare
from questions import IN_SHORT, OF_A_BROWSER

#: So many read at the same time.
READERS = 12
#: So often each forbidden or incomplete request is sent, before a good one comes.
REFUSED = 4
#: As a browser sends what a script puts together: `fetch` with a `URLSearchParams`.
OF_A_SCRIPT = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
#: One character: four bytes, and twelve in a form.
HEAVY = "🫖"


async def test_postcard_arrives(postbox, some):
    anna, postcard = some.text(), Postcard(some.text(), some.text())
    await postbox.send(anna, postcard)
    await postbox.has(anna, [postcard])
    with agreed("P11"):
        boris, another = some.text(), Postcard(some.text(), some.text())
        await postbox.send(boris, another, id="1", sent="no", sentence="P11")
        received = await postbox.received_by(boris, city=some.text(), page="2")
        compare(boris, [another], received, "P11")
        await postbox.has(anna, [postcard], "P11")
    # It is JSON whoever asks.
    compare(anna, [postcard], await postbox.received_by(anna, accept=OF_A_BROWSER))


async def test_either_encoding(postbox, some):
    anna = some.text()
    sent = []
    for multipart, headers in [(False, None), (True, None), (False, OF_A_SCRIPT), (True, None)]:
        text = f"\r\n--{some.word()}\n{some.text()}&city=%41+b\r\n\r\n"
        sent.append(Postcard(f"{some.text()} & {some.word()}=+;", text))
        await postbox.send(anna, sent[-1], multipart=multipart, headers=headers)
    await postbox.has(anna, sent)


async def test_nothing_for_nobody(postbox, some):
    await postbox.has(some.text(), [], "C2")
    # Somebody else has one.
    await postbox.send(some.text(), Postcard(some.text(), some.text()))
    await postbox.has(some.text(), [])


async def test_only_to_its_person(postbox, some):
    """Names that a careless comparison takes for one another; a dozen people read at once."""
    name = f"Anna {some.word()}"
    people = [name, name.lower(), name.upper(), f"{name} ", f" {name}", name[:-1], f"{name}x"]
    people += [
        f"{name[:-1]}_",
        f"{name[:-1]}%",
        name.replace("A", "А"),
        f"é{name}",
        f"e\u0301{name}",
        # As long as a name may be, and four times so in bytes.
        *(HEAVY * (NAME - 1) + last for last in "ab"),
    ]
    # The cities are twins of one another in the same way.
    cards = {to: Postcard(to.replace("Anna", "Oslo"), some.text()) for to in people}
    for to, card in cards.items():
        await postbox.send(to, card)
    await _all_read(postbox, {to: [card] for to, card in cards.items()})


async def test_same_city_again(postbox, some):
    anna, boris, city = some.text(), some.text(), some.text()
    postcards = [Postcard(city, some.text()) for _ in range(3)]
    for postcard in postcards:
        await postbox.send(anna, postcard, sentence="C5")
    await postbox.send(boris, postcards[0], sentence="C5")
    await postbox.has(anna, postcards)
    await postbox.has(boris, postcards[:1])


async def test_oldest_first(postbox, some):
    """And all of them, though some say the same, are read already, or others get theirs in between."""
    anna, boris = some.text(), some.text()
    cities = [some.text() for _ in range(4)]
    sent = []
    for number in range(12):
        # Neither the cities nor the texts are in the order of their letters, nor the other way round.
        text = f"{(number * 5) % 12:02} {some.word()}"
        sent.append(Postcard(cities[(number * 3) % 4], text))
        await postbox.send(anna, sent[-1])
        if number % 4 == 0:
            sent.append(sent[-1])
            await postbox.send(anna, sent[-1])
            await postbox.send(boris, sent[-1])
            # Having been read makes no difference to what comes later.
            await postbox.has(anna, sent)
    sent.append(sent[0])
    await postbox.send(anna, sent[-1])
    await postbox.has(anna, sent)
    with agreed("C6"):
        compare(anna, sent, await postbox.received_by(anna))


async def test_every_text_comes_out(postbox, some):
    """People, cities and texts of every kind; all are sent before the first is read."""
    people, cities, said = names(some), names(some), words(some)
    some.random.shuffle(people)
    cards = {
        to: Postcard(cities[n % len(cities)], said[n % len(said)]) for n, to in enumerate(people)
    }
    for number, (to, card) in enumerate(cards.items()):
        postbox.begin_anew()
        await postbox.send(to, card, multipart=number % 2 == 1, sentence="P10")
    # The largest that there is, in either encoding.
    for multipart in (False, True):
        to = f"{int(multipart)}{HEAVY * (NAME - 1)}"
        cards[to] = Postcard(HEAVY * NAME, HEAVY * TEXT)
        postbox.begin_anew()
        await postbox.send(to, cards[to], multipart=multipart, sentence="P10")
    postbox.begin_anew()
    await _all_read(postbox, {to: [card] for to, card in cards.items()})


async def test_another_process_has_them(postbox, some, visit, alone, evidence):
    """Whichever of the two it was sent to, and read in, before."""
    anna = some.text()
    another = Postbox(visit(alone()).another("another process"), evidence)
    evidence.watch(postbox.visitor.server)
    sent = []
    try:
        for sender, reader in [(postbox, another), (another, postbox)] * 3:
            await _finds(reader, anna, sent)
            sent.append(Postcard(some.text(), some.text()))
            await sender.send(anna, sent[-1])
            await _finds(reader, anna, sent)
    finally:
        await another.visitor.leave()


async def _finds(reader, to, sent):
    received = await reader.received_by(to)
    compare(to, sent, received, "C1" if len(received) < len(sent) else None)


async def test_only_from_its_page(postbox, some, evidence):
    """What is sent without the page's token, with another's, or from another site, is refused."""
    anna = some.text()
    token = await postbox.token()
    stranger = postbox.visitor.another("another browser")
    form = {"to": anna, "city": some.text(), "text": some.text()}
    elsewhere = {"Origin": "http://elsewhere.test"}
    strangers = Postbox(stranger, evidence)
    other_token = await strangers.token()
    passer_by = Postbox(postbox.visitor.another("passer-by"), evidence)
    attempts = [
        (postbox, form, {}),
        (postbox, {**form, TOKEN: other_token}, {}),
        (postbox, {**form, TOKEN: some.word() * 4}, {}),
        (postbox, {**form, TOKEN: ""}, {}),
        (postbox, {**form, TOKEN: token}, {"headers": elsewhere}),
        (passer_by, {**form, TOKEN: token}, {}),
        (passer_by, form, {}),
    ]
    await strangers.send(some.text(), Postcard(some.text(), some.text()), sentence="C7")
    for box, sent, options in attempts * REFUSED:
        told = {TOKEN: sent.get(TOKEN, "—"), **options.get("headers", {})}
        with agreed("C7"), given(", ".join(f"{name}={value}" for name, value in told.items())):
            response = await box.post(sent, **options)
            expect(f"POST {SENDING}: HTTP 403", f"POST {SENDING}: HTTP {response.status_code}")
    await passer_by.visitor.leave()
    await stranger.leave()
    del postbox.visitor.timeline.moments[12:]
    await _nothing_has_changed(postbox, anna, some)
    # The page is open in two tabs of the browser: each has a good token, also after the other's use.
    postbox.begin_anew()
    boris, tabs = some.text(), [postbox, Postbox(postbox.visitor, evidence)]
    sent = [Postcard(some.text(), some.text()) for _ in range(4)]
    for number, card in enumerate(sent):
        await tabs[1 - number % 2].send(boris, card, sentence="C7")
    await postbox.has(boris, sent)


async def test_sending_is_a_post(postbox, some):
    anna = some.text()
    form = {"to": anna, "city": some.text(), "text": some.text()}
    token = await postbox.token()
    for query in (form, {**form, TOKEN: token}, {}) * (2 * REFUSED):
        with agreed("C8"):
            response = await postbox.visitor.get(SENDING, params=query)
            expect(f"GET {SENDING}: HTTP 405", f"GET {SENDING}: HTTP {response.status_code}")
    del postbox.visitor.timeline.moments[6:]  # of many refusals the first ones tell enough
    await _nothing_has_changed(postbox, anna, some)


async def test_bad_requests_spoil_nothing(postbox, some):
    anna = some.text()
    form = {"to": some.text(), "city": some.text(), "text": some.text()}
    token = await postbox.token()
    with suppress(RanOut):  # where one is never answered, the next need not be sent
        for missing in [*form] * REFUSED:
            sent = {name: value for name, value in form.items() if name != missing}
            await postbox.post({**sent, TOKEN: token}, headers=IN_SHORT)
            await postbox.visitor.get(READING, headers=IN_SHORT)
    postbox.begin_anew()
    await _nothing_has_changed(postbox, anna, some, "P12")


async def _nothing_has_changed(postbox, anna, some, sentence="C9"):
    """Nothing has come to Anna, and the next postcard does."""
    with agreed(sentence):
        await postbox.has(anna, [], sentence)
        postcard = Postcard(some.text(), some.text())
        await postbox.send(anna, postcard, sentence=sentence)
        await postbox.has(anna, [postcard], sentence)


async def _all_read(postbox, cards):
    """Let everybody read, a dozen at a time; raise Mismatch unless all have theirs alone."""
    everybody = list(cards)
    for begin in range(0, len(everybody), READERS):
        people = everybody[begin : begin + READERS]
        lists = await asyncio.gather(*(postbox.received_by(to) for to in people))
        for to, received in zip(people, lists, strict=True):
            if received != cards[to]:
                # What is told is one person's story alone.
                postbox.begin_anew()
                received = await postbox.received_by(to)
            with given(f"to={to}"):
                compare(to, cards[to], received)


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
POSTCARDS = st.builds(Postcard, CITIES, TEXTS)
ACTIONS = st.one_of(st.builds(Send, PEOPLE, POSTCARDS), st.builds(Read, PEOPLE))
# It begins with a postcard to each of two who are easily mistaken for each other.
OPENINGS = st.tuples(*(st.builds(Send, st.just(who), POSTCARDS) for who in ["Anna", "anna"]))
STORIES = st.builds(list.__add__, OPENINGS.map(list), st.lists(ACTIONS, min_size=1, max_size=6))
EXAMPLES = 2


def test_like_the_reference(servers, evidence, some):
    target, reference = servers.plain(), servers.reference()

    async def perform(actions, story, patience):
        # Of this story alone: the postcards and cities of the story before are still there.
        salt = some.word()
        told = Evidence()
        told.timeline = story
        ours, theirs = Client(target, story, patience=patience), Client(reference, Timeline())
        try:
            boxes = [Postbox(ours, told), Postbox(theirs, Evidence())]
            for action in actions:
                to = f"{action.to} {salt}"
                if isinstance(action, Send):
                    card = Postcard(f"{action.postcard.city} {salt}", action.postcard.text)
                    for box in boxes:
                        await box.send(to, card)
                else:
                    actual, expected = [await box.received_by(to) for box in boxes]
                    compare(to, expected, actual)
        finally:
            await ours.leave()
            await theirs.leave()

    search(STORIES, perform, target, servers.seed, evidence.timeline, servers.patience, EXAMPLES)
