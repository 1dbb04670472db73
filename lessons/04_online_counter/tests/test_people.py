"""Task `people`: a person is a session, in however many tabs."""

FORGED = {"Cookie": "sessionid=notasessionthatanyserverhasgivenout"}


async def _sees(watcher, some, people, tabs):
    await watcher.says_and_hears(some.text())
    watcher.shows(people, tabs)


async def test_tabs_of_one_person(crowd, some):
    room = some.name()
    ann, bob = await crowd.browser("ann", room), await crowd.browser("bob", room)
    await _sees(await crowd.tab(ann, room), some, 1, 1)
    await _sees(await crowd.tab(ann, room, "ann, second tab"), some, 1, 2)
    await _sees(await crowd.tab(bob, room), some, 2, 3)


async def test_first_closed_tab(crowd, some):
    room = some.name()
    ann, bob = await crowd.browser("ann", room), await crowd.browser("bob", room)
    first = await crowd.tab(ann, room)
    second = await crowd.tab(ann, room, "ann, second tab")
    watching = await crowd.tab(bob, room)
    for tab in (first, second):
        await tab.settle()
    await _sees(watching, some, 2, 3)
    # Nothing is on its way to a tab that leaves: an exception on the way is another check's business.
    await watching.says_and_hears(text := some.text())
    for tab in (first, second):
        await tab.heard(text)
    await first.leave()
    for tab in (watching, second):
        await tab.comes_to_see(2, 2)
    await second.leave()
    await watching.comes_to_see(1, 1)


async def test_strangers_are_apart(crowd, some):
    room = some.name()
    for number, who in enumerate(["ann", "bob", "eve"], 1):
        await _sees(await crowd.tab(await crowd.browser(who, room), room), some, number, number)


async def test_without_a_session(crowd, some):
    room = some.name()
    for number, who in enumerate(["a program", "another program"], 1):
        await _sees(await crowd.join(room, who), some, number, number)
    for number, who in enumerate(["forged cookie", "the same forged cookie"], 3):
        await _sees(await crowd.join(room, who, headers=FORGED), some, number, number)
