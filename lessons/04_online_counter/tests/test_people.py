"""Task `people`: a person is a session, in however many tabs."""

from contextlib import suppress
from functools import partial

from channels_workshop.chat_checks.attendance import counts_are_true
from channels_workshop.chat_checks.chat import page_path
from channels_workshop.chat_checks.counter import Gathering, ends, newcomer_sees
from channels_workshop.judging.client import Refused
from channels_workshop.judging.mismatch import agreed, expect, given

DOZEN = 12


async def test_tabs_of_one_person(crowd, lesson, some):
    people = Gathering(some.name(), crowd.join, some)
    ann, bob = [await crowd.browser(who, people.room) for who in ("ann", "bob")]
    for browser in (ann, bob):
        if not crowd.cookies(browser):
            with agreed("W1"):
                path = page_path(people.room)
                expect(lesson.message("page_sets_a_cookie", path=path), lesson.message("no_cookie"))
    for number in (1, 2, 3):
        await people.enters(f"ann, tab {number}", "ann", crowd.tab_of(ann))
        await people.all_know()
    await people.enters("bob", "bob", crowd.tab_of(bob))
    await people.all_come_to_see()
    more = [(f"ann, tab {number}", "ann", crowd.tab_of(ann)) for number in range(4, DOZEN)]
    await people.enter_at_once(*more)
    for who, browser in (("bob", bob), ("ann", ann)):
        await people.enters(f"{who}, the last tab", who, crowd.tab_of(browser))
        await people.all_know()
    await people.enters("eve, without a cookie")
    await people.all_know()


async def test_page_keeps_the_session(crowd, some):
    people = Gathering(some.name(), crowd.join, some)
    ann = await crowd.browser("ann", people.room)
    for number, page in enumerate([people.room, some.name(), people.room, None], 1):
        await people.enters(f"ann, tab {number}", "ann", crowd.tab_of(ann))
        await people.all_know()
        await ann.get("/") if page is None else await crowd.opens(ann, page)
    # What other cookies there are, however odd, says nothing about whose a tab is.
    cookies = "; ".join(f"{name}={value}" for name, value in crowd.cookies(ann).items())
    for sent in _among_others(crowd.cookies(ann), some):
        with agreed("W2"), given(f"Cookie: {sent}"):
            await people.enters("ann, with other cookies", "ann", crowd.with_cookies(sent))
            await people.all_know()
    # Nor does the browser's own name: it changes with each update.
    for name in ("Mozilla/5.0 (another one)", ""):
        renamed = partial(crowd.join, headers={"Cookie": cookies, "User-Agent": name})
        with agreed("W2"), given(f"User-Agent: {name}"):
            await people.enters("ann, after an update", "ann", renamed)
            await people.all_know()
    # Nor the address, and what a proxy says of it: uvicorn then knows no port.
    proxied = {"Cookie": cookies, "X-Forwarded-For": "203.0.113.5"}
    for number in (1, 2):
        with given(f"X-Forwarded-For: {proxied['X-Forwarded-For']}"):
            join = partial(crowd.join, headers=proxied)
            await people.enters(f"ann, behind a proxy, tab {number}", "ann", join)
            await people.all_know()
    # A session that the server knows no more is none: there is another in its place.
    stale = "; ".join(f"{name}={some.word() * 4}" for name in crowd.cookies(ann))
    eve = await crowd.browser("eve", people.room, stale)
    with agreed("W1"), given(f"GET {page_path(people.room)}; Cookie: {stale}"):
        for number in (1, 2):
            await people.enters(f"eve, tab {number}", "eve", crowd.tab_of(eve))
            await people.all_know()


def _among_others(cookies, some):
    """Yield headers in which `cookies` stand among others, some of which have nearly their names."""
    ours = "; ".join(f"{name}={value}" for name, value in cookies.items())
    yield f'prefs={{"a": 1}}; flag; {ours}'
    yield f"{ours}; theme={some.word()}=x"
    for begin, end in (("old_", ""), ("", "_old"), ("x", ""), ("prefs=", "")):
        near = "; ".join(f"{begin}{name}{end}={some.word() * 4}" for name in cookies)
        yield f"{near}; {ours}"
        yield f"{ours}; {near}"


async def test_first_closed_tab(crowd, watched, watched_crowd, some):
    people = Gathering(some.name(), crowd.join, some)
    ann, bob = [await crowd.browser(who, people.room) for who in ("ann", "bob")]
    await people.enters("bob", "bob", crowd.tab_of(bob))
    await people.all_know()
    tabs = []
    for number in (1, 2, 3):
        tabs.append(await people.enters(f"ann, tab {number}", "ann", crowd.tab_of(ann)))
        await people.all_know()
    some.random.shuffle(tabs)
    first, second, third = tabs
    await people.goes(first, first.leave)
    # As a browser does that loads a page again: the new tab may well be there before the old is gone.
    tabs.append(await people.enters("ann, tab 4", "ann", crowd.tab_of(ann)))
    await people.all_know()
    await people.goes(second, second.drop)
    await people.goes(third, third.leave)
    await people.all_know()
    await people.goes(tabs[-1], tabs[-1].leave)
    await people.all_know()
    await people.enters("ann is back", "ann", crowd.tab_of(ann))
    await people.all_know()
    await _goes_once(watched, watched_crowd, some)


async def _goes_once(watched, crowd, some):
    """One of three tabs goes while the channel layer raises: two are left, not one."""
    people = Gathering(some.name(), crowd.join, some)
    ann = await crowd.browser("ann", people.room)
    await people.enter_at_once(*((f"ann, tab {n}", "ann", crowd.tab_of(ann)) for n in (1, 2, 3)))
    for call in ("group_discard", "group_send"):
        unlucky = people.watchers[0]
        async with watched.failing(call):
            await unlucky.leave()
            # It is gone for certain once somebody who came later has been answered.
            with suppress(Refused):
                await ends(await crowd.join(some.name(), "somebody else"))
        people.is_without(unlucky)
        await people.enters(f"newcomer after {call}")
        await people.settle()


async def test_in_two_rooms(crowd, some):
    ann, bob = [await crowd.browser(who, some.name()) for who in ("ann", "bob")]
    here, there = [Gathering(some.name(), crowd.join, some) for _ in range(2)]
    for people in (here, there):
        await people.enters("bob", "bob", crowd.tab_of(bob))
        await people.all_know()
    tabs = []
    for people in (here, there, here):
        tabs.append(await people.enters("ann", "ann", crowd.tab_of(ann)))
        for all_ in (people, here, there):
            await all_.all_know()
    # Whoever leaves one room is in the other as before.
    for people, tab in ((there, tabs[1]), (here, tabs[0]), (here, tabs[2])):
        await people.goes(tab, some.random.choice([tab.leave, tab.drop]))
        for all_ in (here, there):
            await all_.all_know()
    # One room is empty for a while, and the other is none the worse for it.
    (bob_there,) = there.watchers
    await bob_there.leave()
    for person in here.watchers:  # by then the room has been left
        await person.says_and_hears(some.text())
    await newcomer_sees(crowd.join, some, there.room, "the first again", 1, speaks=False)
    await here.enters("eve")
    await here.all_know()


async def test_strangers_are_apart(crowd, some):
    people = Gathering(some.name(), crowd.join, some)
    names = [f"person {number}" for number in range(1, DOZEN + 1)]
    joins = [crowd.tab_of(await crowd.browser(who, people.room)) for who in names]
    for who, join in zip(names[:3], joins[:3], strict=True):
        await people.enters(who, who, join)
        await people.all_know()
    await people.enter_at_once(*zip(names[3:-1], names[3:-1], joins[3:-1], strict=True))
    await people.enters(names[-1], names[-1], joins[-1])
    await people.all_know()


async def test_without_a_session(crowd, watched, watched_crowd, some):
    people = Gathering(some.name(), crowd.join, some)
    ann = await crowd.browser("ann", people.room)
    await people.enters("ann", "ann", crowd.tab_of(ann))
    await people.all_know()
    for who in ("a program", "another program"):
        await people.enters(who)
        await people.all_know()
    # Many people are behind one address, and what is said of it is anybody's word.
    behind = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7"}
    for who in ("behind a proxy", "another behind it"):
        await people.enters(who, join=partial(crowd.join, headers=behind))
        await people.all_know()
    # What no server has given out: made up, ann's with another end, and nothing at all.
    cookies = crowd.cookies(ann)
    made_up = {name: some.word() * 4 for name in cookies}
    nearly = {
        name: value[:-1] + ("a" if value[-1:] != "a" else "b") for name, value in cookies.items()
    }
    for forged in (made_up, nearly, dict.fromkeys(cookies, "")):
        await _are_two_people(people, crowd, "forged cookie", forged)
    await _once_known(watched, watched_crowd, some)


async def _once_known(watched, crowd, some):
    """A session that has expired since the page was opened, by what the server says of its cookies."""
    people = Gathering(some.name(), crowd.join, some)
    ann = await crowd.browser("ann", people.room)
    if seconds := crowd.all_expire(ann):
        await watched.let_pass(seconds + 1)
        await people.enters("bob")
        await people.all_know()
        with given(f"{seconds / 86400:.0f} d"):
            await _are_two_people(people, crowd, "expired session", crowd.cookies(ann))


async def _are_two_people(people, crowd, who, cookies):
    """Raise Mismatch unless two tabs with such cookies are counted as two people."""
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    for number in (1, 2):
        with given(f"Cookie: {sent}"):
            await people.enters(f"{who}, {number}", object(), crowd.with_cookies(sent))
            await people.all_know()


def test_any_story(servers, evidence):
    counts_are_true(servers.plain(), servers.seed, evidence.timeline, servers.patience)
