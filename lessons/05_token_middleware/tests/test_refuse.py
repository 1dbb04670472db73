"""Task `refuse`: strangers are refused, the known are known, and nothing leaks on the way."""

import asyncio
from secrets import token_urlsafe

from channels_workshop.chat_checks.accounts import (
    BAD,
    NOTHING,
    NamedWatcher,
    Shown,
    bearer,
    cookies_of,
    making_inactive,
    one_frame,
    post_form,
)
from channels_workshop.chat_checks.chat import read_object, receives
from channels_workshop.chat_checks.credentials import empty_ones, nothing_else, spoilt, written
from channels_workshop.chat_checks.pages import read_page
from channels_workshop.chat_checks.stored import find_secret
from channels_workshop.judging.mismatch import Mismatch, agreed, expect
from channels_workshop.judging.origins import MISSING, NULL, foreign, turns_away


async def test_strangers_are_refused(door, accounts, some):
    room = some.name()
    await door.refuses_without_a_word(room, NOTHING)
    strangers = [
        NOTHING,
        Shown("a stranger with cookies", [("Cookie", f"sessionid={some.word()}; csrftoken=x")]),
        Shown("a stranger with bad cookies", [("Cookie", "=;;sessionid; =x; sessionid==")]),
        Shown("a stranger with a query", query="tea=green&user=ann"),
        Shown("a stranger", [("X-User", "ann"), ("Remote-User", "ann"), ("From", "ann")]),
        Shown("a stranger", subprotocols=["chat"]),
        Shown("an unknown token", bearer(token_urlsafe(32))),
        *nothing_else(accounts.token("ann"), await door.ticket(room)),
    ]
    # A crowd of them together; each of them is told.
    await _are_refused(door, some, strangers, room)


async def _are_refused(door, some, cases, room=None):
    async def is_refused(shown):
        await door.refuses(room or some.name(), shown, some.text())

    await door.each(cases, is_refused)


async def test_nothing_is_heard(door, accounts, lesson, some):
    room, text, said = some.name(), some.text(), f"said by a stranger {some.word()}"
    ann = await _known(door, accounts, room, "ann")
    await ann.says_and_hears(some.text())
    strangers = [NOTHING, Shown("an unknown token", bearer("x" * 43)), Shown("x", query="ticket=x")]

    async def knock():
        for shown in strangers * 4:
            # They speak before they have been told to go: it must reach nobody.
            await door.refuses(room, shown, said)

    async def talk():
        for _ in range(12):
            await ann.says_and_hears(some.text())

    # While people talk in the room.
    await asyncio.gather(knock(), talk())
    bob = await _known(door, accounts, room, "bob")
    await bob.says_and_hears(text)
    await ann.heard(text)
    for person in (ann, bob):
        person.shows(2, 2)
        person.never_goes(down=True)
    for moment in door.visitor.timeline.moments:
        if moment.what == "receives" and said in str(moment.frame):
            expected = lesson.message("unheard", who=moment.who, text=said)
            raise Mismatch(expected, receives(moment.who, str(moment.frame)))


async def test_same_words(door, accounts, lesson, some):
    room = some.name()
    header = bearer(accounts.token("ann"))
    cases = [
        NOTHING,
        *empty_ones(accounts.token("ann")),
        Shown("two tokens", [*header, *header]),
        Shown("a token and a ticket", header, f"ticket={some.word()}"),
        Shown("two tickets", query="ticket=x&ticket=y"),
        Shown("an unknown token", bearer(token_urlsafe(32))),
        *(Shown(name, bearer(accounts.token(name))) for name in BAD),
        Shown("an unknown ticket", query=f"ticket={token_urlsafe(32)}"),
        Shown("a token as a ticket", query=written("ticket={}", accounts.token("ann"))),
        Shown("garbage", [("Authorization", "Bearer \xff\xfe")], "%FF=%FF"),
        Shown("garbage", query="ticket=%FF%00"),
    ]
    frames = {}

    async def is_refused(shown):
        frames.setdefault(await door.refuses(room, shown, some.text()), shown.what)

    await door.each(cases, is_refused)
    one_frame(frames)


async def test_session_user_is_kept(door, sessions, some):
    sue = await sessions.of("sue")
    ((_, cookies),) = sue.cookies
    cases = [
        ("sue, logged in", "", ()),
        ("sue, with a query", "tea=green&debug&%FF=%FF", ()),
        ("sue, with other headers", "", [("X-Token", "x"), ("Proxy-Authorization", "Basic eA==")]),
        ("sue, with other cookies", "", [("Cookie", f"a=b; {cookies}; token=x; ticket=x")]),
    ]

    async def is_sue(case):
        what, query, others = case
        headers = others if any(name == "Cookie" for name, _ in others) else [*sue.cookies, *others]
        await door.lets_in("sue", some.name(), Shown(what, headers, query), some.text())

    await door.each(cases, is_sue)


async def test_logging_in(door, visitor, sessions, some):
    browser = visitor.another("a browser")
    page = await read_page(browser, "/login/")
    fields = {attributes.get("name") for tag, attributes in page.elements if tag == "input"}
    if missing := {"username", "password"} - fields:
        actual = f"GET /login/: HTTP 200, {', '.join(sorted(filter(None, fields)))}"
        raise Mismatch(f"GET /login/: HTTP 200, {', '.join(sorted(missing))}", actual)
    with agreed("L2"):
        response = await post_form(browser, "/login/", {"username": "sue", "password": ""})
        what = "POST /login/ as sue, without a password"
        expect(f"{what}: HTTP 200", f"{what}: HTTP {response.status_code}")
        shown = Shown("sue, without a password", cookies_of(browser))
        await door.refuses(some.name(), shown, some.text())
        sue = await sessions.of("sue")  # who has a password by then
        response = await post_form(browser, "/login/", {"username": "sue", "password": "x"})
        what = "POST /login/ as sue, with a wrong password"
        expect(f"{what}: HTTP 200", f"{what}: HTTP {response.status_code}")
        shown = Shown("sue, with a wrong password", cookies_of(browser))
        await door.refuses(some.name(), shown, some.text())
        # The same form without what protects it, as a foreign page would send it.
        response = await browser.post("/login/", data={"username": "sue", "password": "x"})
        expect("no CSRF token: HTTP 403", f"no CSRF token: HTTP {response.status_code}")
        # And those who have really logged in.
        shown = Shown("sue, logged in", sue.cookies)
        await door.lets_in("sue", some.name(), shown, some.text())
    await browser.leave()


async def test_session_ends(door, visitor, accounts, sessions, some):
    room = some.name()
    for name in ("max", "lou"):
        shown = Shown(f"{name}, logged in", (await sessions.of(name)).cookies)
        await door.lets_in(name, room, shown, some.text())
    accounts.run([making_inactive("lou")])
    lou = await sessions.of("lou")
    with agreed("W3"):
        await door.refuses(room, Shown("lou, made inactive", lou.cookies), some.text())
    browser, max_ = visitor.another("max"), await sessions.of("max")
    with agreed("L3"):
        response = await browser.post("/logout/", headers=[*max_.cookies, *max_.csrf])
        expect("POST /logout/: HTTP 302", f"POST /logout/: HTTP {response.status_code}")
        await door.refuses(room, Shown("max, after the logout", max_.cookies), some.text())
    await browser.leave()


async def test_bad_despite_session(door, accounts, sessions, some):
    sue = await sessions.of("sue")
    token = accounts.token("ann")
    cases = [
        *empty_ones(token),
        Shown("an unknown token", bearer(token_urlsafe(32))),
        Shown("an unknown ticket", query=f"ticket={token_urlsafe(32)}"),
        Shown("two tokens", [*bearer(token), *bearer(token)]),
        Shown("a token and a bad ticket", bearer(token), "ticket=x"),
        Shown("two bad tickets", query="ticket=&ticket="),
        Shown("garbage", [("Authorization", "Bearer \xff")]),
        Shown("garbage", query="ticket=%FF"),
        *(Shown(name, bearer(accounts.token(name))) for name in BAD),
        *(Shown(f"a token {how}", bearer(text)) for how, text in spoilt(token, some.random)),
    ]
    await _are_refused(door, some, [shown.beside(sue.cookies) for shown in cases])
    # Her session is still what it was.
    await door.lets_in("sue", some.name(), Shown("sue, logged in", sue.cookies), some.text())


async def test_token_before_session(door, accounts, sessions, some):
    sue, room = await sessions.of("sue"), some.name()
    for name in ("ann", "bob"):
        shown = Shown(f"sue, with a token of {name}", bearer(accounts.token(name)))
        await door.lets_in(name, room, shown.beside(sue.cookies), some.text())
        # In the other order of the headers too.
        shown = Shown(shown.what, [*shown.headers, *sue.cookies])
        await door.lets_in(name, room, shown, some.text())
    # What is no credential is none beside a session either.
    cases = nothing_else(accounts.token("ann"), await door.ticket(room))

    async def is_sue(shown):
        await door.lets_in("sue", room, shown.beside(sue.cookies), some.text())

    beside = [shown for shown in cases if "Cookie" not in dict(shown.headers)]
    await door.each(beside, is_sue)


async def test_scope_is_copied(probed_door, accounts, sessions, lesson, some):
    room, sue = some.name(), await sessions.at(probed_door.visitor.server, "sue")
    ticket = await probed_door.ticket(room, name="bob")
    token, header = accounts.token("ann"), bearer(accounts.token("ann"))
    people = [
        ("ann", Shown("ann, by a token", header)),
        ("bob", Shown("bob, by a ticket", query=written("ticket={}", ticket))),
        ("ann", Shown("sue, with a token of ann", [*sue.cookies, *header])),
        ("sue", Shown("sue, logged in", sue.cookies)),
        (None, NOTHING),
        (None, Shown("an unknown token", bearer("x" * 43))),
        (None, Shown("sue, with two tokens", [*sue.cookies, *header, *header])),
        (None, Shown("a token and a ticket", header, written("ticket={}", token))),
    ]
    for name, shown in people:
        answer = await probed_door.knock(room, shown, some.text())
        # First what the probe saw: a scope that was changed may be why somebody is not known.
        for moment in probed_door.visitor.timeline.moments:
            told = read_object(moment.frame) if moment.what == "receives" else None
            if told and told.get("type") == "scope_changed":
                actual = lesson.message("scope_changed", keys=", ".join(told["keys"]))
                raise Mismatch(lesson.message("scope_unchanged"), actual, given=str(shown.what))
        if name:
            answer.must_be(name)


async def test_no_subprotocol(door, accounts, lesson, some):
    room, token = some.name(), accounts.token("ann")
    for shown in [
        Shown("ann", bearer(token), subprotocols=["chat", "bearer"]),
        Shown("ann", bearer(token), subprotocols=["chat", "x" * 43]),
        Shown("a stranger", subprotocols=["x" * 43]),
        Shown("a stranger", subprotocols=["chat"]),
    ]:
        tab = await door.connect(room, shown)
        if tab.subprotocol is not None:
            raise Mismatch(
                lesson.message("no_subprotocol", who=shown.what),
                lesson.message("subprotocol", who=shown.what, name=tab.subprotocol),
                given=str(shown),
            )


async def test_counted_by_user(door, accounts, sessions, some):
    room, sue = some.name(), await sessions.of("sue")
    people = []

    async def comes(shown, count, tabs):
        people.append(NamedWatcher(await door.connect(room, shown)))
        await people[-1].says_and_hears(some.text())
        people[-1].shows(count, tabs)

    async def by_ticket(name):
        ticket = await door.ticket(room, name=name)
        return Shown(f"{name}, by a ticket", query=written("ticket={}", ticket))

    await comes(Shown("ann", bearer(accounts.token("ann"))), 1, 1)
    await comes(Shown("ann, by another token", bearer(accounts.token("ann, another"))), 1, 2)
    await comes(await by_ticket("ann"), 1, 3)
    await comes(
        Shown("ann, with sue’s session", [*sue.cookies, *bearer(accounts.token("ann"))]), 1, 4
    )
    await comes(Shown("sue, logged in", sue.cookies), 2, 5)
    await comes(Shown("Ann, who is not ann", bearer(accounts.token("Ann"))), 3, 6)
    await comes(await by_ticket("bob"), 4, 7)
    await comes(Shown("sue, in another tab", sue.cookies), 4, 8)
    first, *others = people
    for person, count, tabs in [(others[0], 4, 7), (others[3], 4, 6), (others[6], 3, 5)]:
        await person.leave()
        await first.comes_to_see(count, tabs)
    await _leaves_one_of_two_rooms(door, accounts, first, some)


async def _leaves_one_of_two_rooms(door, accounts, ann, some):
    """Ann is here already. Whether she is in another room too, is counted there alone."""
    room, here = some.name(), ann.counts[-1]
    with agreed("C1"):
        bob = await _known(door, accounts, room, "bob")
        await bob.says_and_hears(some.text())
        tabs = []
        for number in range(2):
            tabs.append(tab := await _known(door, accounts, room, "ann"))
            await tab.says_and_hears(some.text())
            tab.shows(2, 2 + number)
        for number, tab in enumerate(tabs):
            await tab.leave()
            await bob.comes_to_see(2 - number, 2 - number)
        await ann.says_and_hears(some.text())
        ann.shows(here.people, here.tabs)
        # And the other way round: she stays there, and is gone from here.
        again = await _known(door, accounts, room, "ann")
        await again.says_and_hears(some.text())
        await ann.leave()
        await bob.says_and_hears(some.text())
        bob.shows(2, 2)


async def test_foreign_origin(door, accounts, sessions, some):
    room, sue = some.name(), await sessions.of("sue")
    query = written("ticket={}", await door.ticket(room))
    for origin in [*foreign(door.visitor.server, some), MISSING, NULL]:
        people = [
            NOTHING,
            Shown("ann, by a token", bearer(accounts.token("ann"))),
            Shown("a ticket", query=query),
            Shown("sue, logged in", sue.cookies),
            Shown("an unknown token", bearer("x" * 43)),
        ]
        await door.each(people, lambda shown, origin=origin: door.turns_away(room, shown, origin))
        for path in (f"/ws/{some.word()}/", f"/{some.word()}"):
            await turns_away(door.visitor, path, origin)
    # The ticket was not spent by that.
    await door.lets_in("ann", room, Shown("a ticket", query=query), some.text())


async def test_never_in_the_log(door, accounts, sessions, lesson, some):
    room, unknown = some.name(), [token_urlsafe(32) for _ in range(3)]
    header, sue = bearer(accounts.token("ann")), await sessions.of("sue")
    server = door.visitor.server
    # What others have written into an address stands above: the server logs every address.
    position = server.log_size()
    ticket, unused = [await door.ticket(room) for _ in range(2)]
    cases = [
        Shown("a token", header),
        Shown("two tokens", [*header, *header]),
        Shown("a token and a ticket", header, written("ticket={}", ticket)),
        Shown("an unknown token", bearer(unknown[0])),
        Shown("a token without Bearer", [("Authorization", unknown[1])]),
        Shown("a token after Basic", [("Authorization", f"Basic {unknown[1]}")]),
        Shown("a session and a token", [*sue.cookies, *header]),
        Shown("a ticket as a token", bearer(unused)),
        *(Shown(name, bearer(accounts.token(name))) for name in BAD),
        # A good one too may be shown in a way that is bad, or where it does not count.
        *empty_ones(accounts.token("ann")),
        *(
            shown
            for shown in nothing_else(accounts.token("ann"), unused)
            if not shown.query and not shown.subprotocols
        ),
        NOTHING,
    ]
    await door.each(cases, lambda shown: door.knock(room, shown, some.text()))
    # And at the ticket office: let in, refused, and asked for what there cannot be.
    for headers in [
        header,
        bearer(unknown[2]),
        [("Authorization", f"Basic {unknown[1]}")],
        [*header] * 2,
        bearer(unused),
        *(shown.headers for shown in empty_ones(accounts.token("ann")) if shown.headers),
    ]:
        await door.asks(room, headers)
    for body in (b"", b"[]", b'{"room": ""}', b"\xff"):
        await door.posts(body, header)
    log = server.log_since(position)
    for secret in (*accounts.tokens, *unknown, unused):
        if secret in log:
            (line, *_) = [line for line in log.splitlines() if secret in line]
            line = accounts.masked(line).replace(secret, "<token>")
            raise Mismatch(lesson.message("not_logged"), lesson.message("logged", line=line))


async def test_never_stored(door, accounts, sessions, servers, lesson, some):
    room, sue = some.name(), await sessions.of("sue")
    header = bearer(accounts.token("ann"))
    spent, kept, elsewhere, beside, as_token = [await door.ticket(room) for _ in range(5)]
    by_session = await door.ticket(room, [*sue.cookies, *sue.csrf])
    query = written("ticket={}", spent)
    for shown in (
        Shown("a token", header),
        Shown("a ticket", query=query),
        # Who is refused, and who is let in all the same, shows one too.
        Shown("the same ticket again", query=query),
        Shown("a token and a ticket", header, written("ticket={}", beside)),
        Shown("a ticket as a token", bearer(as_token)),
        Shown("a token of another scheme", [("Authorization", f"Token {accounts.token('bob')}")]),
        Shown("a token in the query", query=written("token={}", accounts.token("eve"))),
    ):
        await door.knock(room, shown, some.text())
    shown = Shown("a ticket for another room", query=written("ticket={}", elsewhere))
    await door.knock(some.name(), shown, some.text())
    for shown in (bearer(as_token), [("Authorization", accounts.token("bob"))]):
        await door.asks(room, shown)
    secrets = {**dict.fromkeys(accounts.tokens, "<token>")}
    tickets = [spent, kept, elsewhere, beside, as_token, by_session]
    secrets |= dict.fromkeys(tickets, "<ticket>")
    for name, content in servers.supervisor.stored_files(servers.project):
        if found := find_secret(secrets, content):
            actual = lesson.message("stored", file=name, what=secrets[found])
            raise Mismatch(lesson.message("not_stored"), actual)


async def _known(door, accounts, room, name):
    return NamedWatcher(await door.connect(room, Shown(name, bearer(accounts.token(name)))))
