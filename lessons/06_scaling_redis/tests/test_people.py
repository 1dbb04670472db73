"""Task `layer`: who somebody is, is the same on every process."""

import asyncio
import json

from channels_workshop.chat_checks.accounts import (
    BAD,
    GOOD,
    NEARLY_IVO,
    NEARLY_ROB,
    NOTHING,
    NamedWatcher,
    Shown,
    bearer,
    creating,
    deleting,
    expect_error,
    making_inactive,
    one_frame,
    post_form,
    revoking,
    with_csrf_token,
)
from channels_workshop.chat_checks.chat import together
from channels_workshop.chat_checks.counter import Gathering
from channels_workshop.chat_checks.credentials import (
    empty_ones,
    garbage,
    good_headers,
    good_queries,
    nothing_else,
    spoilt,
    twice,
    two_at_once,
    unreadable,
    written,
)
from channels_workshop.chat_checks.pages import read_page
from channels_workshop.chat_checks.past_tickets import past_tickets
from channels_workshop.chat_checks.stored import find_secret
from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from channels_workshop.judging.origins import MISSING, NULL, foreign, turns_away
from many_processes import other_process

TOGETHER = 8
#: How often: two processes do not always ask in the same moment.
ROUNDS = 8
#: Characters, as Django has it.
LONGEST_NAME = 150


def _ticket(ticket, what="a ticket", headers=()):
    return Shown(what, headers, written("ticket={}", ticket))


def _token(accounts, name):
    return Shown(f"token of {name}", bearer(accounts.token(name)))


async def test_origin(door, accounts, sessions, some):
    sessions.begin()  # for later checks, which need not wait for it then
    room = some.name()
    ticket = await door.ticket(room)
    for origin in [*foreign(door.visitor.server, some), MISSING, NULL]:
        for shown in (NOTHING, _token(accounts, "ann"), _ticket(ticket)):
            await door.turns_away(room, shown, origin)
        await turns_away(door.visitor, f"/ws/{some.word()}/", origin)
    await door.lets_in("ann", room, _ticket(ticket), some.text())


async def test_tokens(door, accounts, some):
    for _each in range(2):  # on the one process and on the other
        for token, name in GOOD.items():
            with agreed("W9"):
                await door.lets_in(name, some.name(), _token(accounts, token), some.text())
        for token in BAD:
            with agreed("W9"):
                await door.refuses(some.name(), _token(accounts, token), some.text())
    for names, sentence in [(NEARLY_ROB, "M2"), (NEARLY_IVO, "M1")]:
        for name in names:
            with agreed(sentence):  # what was done to another user was not done to this one
                await door.lets_in(name, some.name(), _token(accounts, name), some.text())
    for shown in good_headers(accounts.token("bob"), some.random):
        with agreed("W1"):
            await door.lets_in("bob", some.name(), shown, some.text())
    for what, text in spoilt(accounts.token("ann"), some.random):
        with agreed("W7"):
            await door.refuses(some.name(), Shown(f"a token {what}", bearer(text)), some.text())


async def test_tokens_end_everywhere(door, accounts, some):
    """A token that was used on both is bad on both, from the moment on in which that is done."""
    ways = {f"{way.__name__}-{some.word()}": way for way in (revoking, making_inactive, deleting)}
    tokens = accounts.new_tokens(*[*ways] * 2, "bob")
    of_bob = tokens.pop()
    shown = [
        Shown(f"a token of {name}", bearer(token))
        for name, token in zip([*ways] * 2, tokens, strict=True)
    ]
    for one in shown * 2:
        await door.lets_in(one.what.removeprefix("a token of "), some.name(), one, some.text())
    back = next(iter(ways))
    *_printed, since = accounts.run([way(name) for name, way in ways.items()] + [creating(back)])
    for one in shown * 2:
        await door.refuses(some.name(), one, some.text())
    for name, token in [("bob", of_bob), (back, since.strip())]:
        with agreed("M2"):
            for _each in range(2):
                shown = Shown(f"another token of {name}", bearer(token))
                await door.lets_in(name, some.name(), shown, some.text())


async def test_one_credential(door, accounts, some):
    room, token = some.name(), accounts.token("ann")
    for show in two_at_once(token, accounts.token("bob")):
        with agreed("W5"):
            shown = show.shown(*[await door.ticket(room) for _ in range(show.tickets)])
            await door.refuses(room, shown, some.text())
    with agreed("W5"):
        await door.refuses(room, twice(await door.ticket(room)), some.text())
    for shown in empty_ones(token):
        with agreed("W6"):
            await door.refuses(room, shown, some.text())
    ticket = await door.ticket(room)
    for shown in nothing_else(token, ticket):
        with agreed("W8"):
            await door.refuses(room, shown, some.text())
    for shown in garbage(some.random):
        with agreed("W13"):
            await door.refuses(room, shown, some.text())
    for shown in unreadable(token, ticket):
        with agreed("W7"):
            await door.refuses(room, shown, some.text())
    with agreed("W13"):
        await door.lets_in("ann", room, _ticket(ticket), some.text())


async def test_tickets(door, accounts, some):
    """Fetched on one process, shown on the other: each request goes to the next."""
    room = some.name()
    for what, query in good_queries(some.random):
        name = some.random.choice(["ann", "bob"])
        shown = Shown(what, query=written(query, await door.ticket(room, name=name)))
        with agreed("W2"):
            await door.lets_in(name, room, shown, some.text())
    for times in (1, 2, 3):
        ticket = await door.ticket(room)
        with agreed("K7"):
            await door.lets_in("ann", room, _ticket(ticket), some.text())
            for _again in range(times):
                await door.refuses(room, _ticket(ticket, "the same ticket again"), some.text())
    with agreed("K8"):
        for other in (room.upper(), f"{room} ", room[:-1]):
            shown = _ticket(await door.ticket(room), "a ticket for another room")
            await door.refuses(other, shown, some.text())
    ticket = await door.ticket(room)
    for what, text in [("token as a ticket", accounts.token("ann")), *spoilt(ticket, some.random)]:
        with agreed("W7"):
            await door.refuses(room, _ticket(text, f"a ticket {what}"), some.text())
    await door.lets_in("ann", room, _ticket(ticket), some.text())


async def test_ticket_at_once(door, lesson, some):
    """Many show it in the same moment, some on the one process and some on the other."""
    for _round in range(ROUNDS):
        room = some.name()
        ticket = await door.ticket(room)
        shown = [_ticket(ticket, f"person {n + 1}") for n in range(TOGETHER)]
        answers = await asyncio.gather(*(door.knock(room, each, some.text()) for each in shown))
        let_in = [answer for answer in answers if answer.code is None and answer.name == "ann"]
        refused = [answer for answer in answers if answer.is_refusal]

        def came(let_in, refused):
            return lesson.message("one_ticket", people=TOGETHER, let_in=let_in, refused=refused)

        expect(came(1, TOGETHER - 1), came(len(let_in), len(refused)))


async def test_tickets_end(door, door_where, accounts, some):
    room = some.name()
    ways = {"tia": revoking, "tom": making_inactive, "tim": deleting}
    names = {f"{name}-{some.word()}": way for name, way in ways.items()}
    tokens = accounts.new_tokens(*names)
    tickets = {
        name: await door.ticket(room, bearer(token))
        for name, token in zip(names, tokens, strict=True)
    }
    of_bob = await door.ticket(room, name="bob")
    accounts.run([way(name) for name, way in names.items()])
    for name, ticket in tickets.items():
        with agreed("K10"):
            await door.refuses(room, _ticket(ticket, f"a ticket of {name}"), some.text())
    await door.lets_in("bob", room, _ticket(of_bob), some.text())
    for seconds, is_good in [(0, False), (-3600, False), (3600, True)]:
        office = door_where(f"tickets for {seconds} s", TICKET_SECONDS=str(seconds))
        ticket, says = await office.ticket_with_time(room)
        with agreed("V2"):
            expect(f"expires_in {seconds}", f"expires_in {json.dumps(says)}")
        with agreed("K9"):
            if is_good:
                await door.lets_in("ann", room, _ticket(ticket), some.text())
            else:
                await door.refuses(
                    room,
                    _ticket(ticket, f"a ticket, TICKET_SECONDS={seconds}"),
                    some.text(),
                )


async def test_ticket_office(door, accounts, sessions, some):
    sue, good = await sessions.of("sue"), bearer(accounts.token("ann"))
    by_session = [*sue.cookies, *sue.csrf]
    room = some.name()
    for name, headers in [("ann", good), ("sue", by_session), ("ann", [*by_session, *good])]:
        for _each in range(2):
            ticket, says = await door.ticket_with_time(room, headers)
            with agreed("K1"):
                expect("expires_in 30", f"expires_in {json.dumps(says)}")
                await door.lets_in(name, room, _ticket(ticket), some.text())
    with agreed("K3"):
        await door.wants_csrf_token(room, sue, await sessions.of("max"))
    browser = door.visitor.another("a stranger")
    strangers = [
        await with_csrf_token(browser),
        *(shown.headers for shown in empty_ones(accounts.token("ann")) if shown.headers),
        *(bearer(accounts.token(name)) for name in BAD),
        [*by_session, *bearer("x" * 43)],
        *(
            [*by_session, *shown.headers]
            for shown in empty_ones(accounts.token("ann"))
            if shown.headers
        ),
        [*good, *good],
    ]
    for headers in strangers:
        body = some.random.choice([b'{"room": "tea"}', b"tea", b"{}"])
        shown = accounts.masked(str(Shown("", headers)))
        with agreed("K4"), given(f"{shown}; {body.decode()}"):
            expect_error("a stranger", await door.posts(body, headers), 401, "unauthorized")
    await browser.leave()
    for code, bodies in _BODIES.items():
        for body in bodies:
            headers = some.random.choice([good, by_session])
            with agreed("K5"), given(body):
                expect_error(f"a body that is {code}", await door.posts(body, headers), 400, code)
    with agreed("K6"):
        response = await door.visitor.get("/tickets/", headers=list(good))
        expect("GET /tickets/: HTTP 405", f"GET /tickets/: HTTP {response.status_code}")


#: What is no body for a ticket, by the code that it is refused with.
_BODIES = {
    "not_json": [b"", b"tea", b"{", b"{'room': 'x'}", b"\xff", b"[" * 50_000],
    "not_object": [b"[]", b'"room"', b"7", b"null", b"true"],
    "bad_room": [
        *(b"{}", b'{"Room": "x"}'),
        *(
            json.dumps({"room": room}).encode()
            for room in (None, 7, ["x"], "", " ", "a\nb", "a\x85", "x" * 201, "/", "a/b", "tea/")
        ),
    ],
}


async def test_sessions(door, everywhere, accounts, sessions, some):
    # With cookies of its own, which would stand beside those that somebody shows.
    browser = everywhere.another("nobody")
    for _each in range(2):
        with agreed("L1"):
            page = await read_page(browser, "/login/")
            fields = {them.get("name") for tag, them in page.elements if tag == "input"}
            wanted = ["username", "password"]
            expect(f"fields: {wanted}", f"fields: {[name for name in wanted if name in fields]}")
    with agreed("L2"):
        response = await post_form(browser, "/login/", {"username": "sue", "password": ""})
        expect("POST /login/: HTTP 200", f"POST /login/: HTTP {response.status_code}")
    await browser.leave()
    for name in ("sue", "max", "lou"):
        cookies = (await sessions.of(name)).cookies
        for _each in range(2):
            with agreed("W3"):
                shown = Shown(f"{name}, logged in", cookies)
                await door.lets_in(name, some.name(), shown, some.text())
    sue = await sessions.of("sue")
    for name in ("ann", "bob"):
        with agreed("W4"):
            shown = _token(accounts, name).beside(sue.cookies)
            await door.lets_in(name, some.name(), shown, some.text())
    for shown in [
        Shown("an unknown token", bearer("x" * 43)),
        Shown("an unknown ticket", query="ticket=x"),
        Shown("an empty ticket", query="ticket"),
        *(_token(accounts, name) for name in BAD),
    ]:
        with agreed("W4"):
            await door.refuses(some.name(), shown.beside(sue.cookies), some.text())
    # Logged out on the one process, made inactive by a command: it holds on both.
    accounts.run([making_inactive("lou")])
    max_ = await sessions.of("max")
    browser = everywhere.another("max")
    response = await browser.post("/logout/", headers=[*max_.cookies, *max_.csrf])
    await browser.leave()
    with agreed("L3"):
        expect("POST /logout/: HTTP 302", f"POST /logout/: HTTP {response.status_code}")
    for name, sentence in [("max", "L3"), ("lou", "W3")]:
        for _each in range(2):
            with agreed(sentence):
                shown = Shown(f"{name}, not any more", (await sessions.of(name)).cookies)
                await door.refuses(some.name(), shown, some.text())
    await door.lets_in("sue", some.name(), Shown("sue", sue.cookies), some.text())


async def test_strangers(door, door_where, join, accounts, lesson, some):
    room, said = some.name(), f"said by a stranger {some.word()}"
    ann = await join(room, "ann")
    await ann.says_and_hears(some.text())
    frames = {}
    for shown in [
        NOTHING,
        Shown("an unknown token", bearer("x" * 43)),
        Shown("an unknown ticket", query="ticket=x"),
        *(_token(accounts, name) for name in BAD),
        Shown("a stranger with a query", query="user=ann"),
    ]:
        with agreed("W10"):
            await door.refuses_without_a_word(room, shown)
            frames.setdefault(await door.refuses(room, shown, said), shown.what)
    late = door_where("tickets for 0 s", TICKET_SECONDS="0")
    for where, its_room, shown in await past_tickets(door, late, some):
        with agreed("W10"):
            frames.setdefault(await where.refuses(its_room, shown, said), shown.what)
    with agreed("W11"):
        one_frame(frames)
    with agreed("W12"):
        bob = await join(room, "bob")
        await bob.says_and_hears(text := some.text())
        await ann.hears(text)
        ann.shows(2, 2)
    for offered in (["chat"], ["chat", "x" * 43], ["bearer"]):
        for shown in (NOTHING, _token(accounts, "ann")):
            tab = await door.connect(room, Shown(shown.what, shown.headers, "", offered))
            with agreed("W16"), given(", ".join(offered)):
                expect(
                    "Sec-WebSocket-Protocol: —", f"Sec-WebSocket-Protocol: {tab.subprotocol or '—'}"
                )


async def test_one_person_everywhere(door, accounts, sessions, some):
    """Whatever a user has shown, and wherever."""
    room, sue = some.name(), await sessions.of("sue")

    async def by_ticket(name):
        return _ticket(await door.ticket(room, name=name), f"{name}, by a ticket")

    people = Gathering(room, None, some)
    for person, shown in [
        ("ann", _token(accounts, "ann")),
        ("ann", _token(accounts, "ann, another")),
        ("ann", await by_ticket("ann")),
        ("sue", Shown("sue, logged in", sue.cookies)),
        ("Ann", _token(accounts, "Ann")),
        ("ann", _token(accounts, "ann").beside(sue.cookies)),
        ("sue", Shown("sue, in another tab", sue.cookies)),
        ("bob", await by_ticket("bob")),
    ]:

        async def join(_room, _who, shown=shown):
            return NamedWatcher(await door.connect(room, shown))

        await people.enters(shown.what, person, join)
        await people.all_know()
    for number in (0, 3, -1):
        await people.goes(people.watchers[number], people.watchers[number].leave)
        await people.all_know()
    await _names_are_told_apart(door, accounts, some)


async def _names_are_told_apart(door, accounts, some):
    """Whatever users are called, though a project writes something beside a name, or cuts it off."""
    room, word, another = some.name(), some.word(), some.word()
    names = [word, word.upper(), f"{word}ж", f"{word}é", f"{word}0", f"{word}00"]
    names += [f"{word}{sign}{end}" for sign in "@.+-_" for end in ("", "x", "y")]
    names += [f"{end}{sign}{word}" for sign in "@.+_" for end in ("x", "y")]
    names += [f"{word}@{another}.org", f"{another}@{word}.org", "7", "07"]
    # In each pair only the end, or only the beginning, is another.
    names += [end.rjust(LONGEST_NAME, "x") for end in (word, another)]
    names += [end.ljust(LONGEST_NAME, "x") for end in (word, another)]
    shown = [
        Shown(f"token of {name}", bearer(token))
        for name, token in zip(names, accounts.new_tokens(*names), strict=True)
    ]
    tabs = await together(*(door.connect(room, each) for each in shown))
    people = [NamedWatcher(tab) for tab in tabs]
    await together(*(person.comes_to_see(len(names), len(names)) for person in people))
    for name, each in some.random.sample([*zip(names, shown, strict=True)], 4):
        with agreed("T1"):
            await door.lets_in(name, room, each, some.text())


async def test_secrets(door, accounts, sessions, servers, lesson, everywhere, some):
    room, sue = some.name(), await sessions.of("sue")
    logs = [servers.plain(), other_process(servers)]
    # What others have written into an address stands above: the server logs every address.
    positions = [server.log_size() for server in logs]
    good = bearer(accounts.token("ann"))
    spent, kept = [await door.ticket(room) for _ in range(2)]
    by_session = await door.ticket(room, [*sue.cookies, *sue.csrf])
    for shown in [
        *[_token(accounts, name) for name in ("ann", *BAD)] * 2,
        Shown("two tokens", [*good, *good]),
        Shown("a token after Basic", [("Authorization", f"Basic {accounts.token('bob')}")]),
    ]:
        await door.knock(room, shown, some.text())
    for headers in (good, [("Authorization", accounts.token("ann"))], [*good, *good]) * 2:
        await door.asks(room, headers)
    for server, position in zip(logs, positions, strict=True):
        log = server.log_since(position)
        for secret in (*accounts.tokens, kept, by_session):
            if secret in log:
                (line, *_) = [line for line in log.splitlines() if secret in line]
                line = accounts.masked(line).replace(secret, "<token>")
                with agreed("S2"):
                    raise Mismatch(
                        lesson.message("not_logged"), lesson.message("logged", line=line)
                    )
    await door.knock(room, _ticket(spent), some.text())
    secrets = dict.fromkeys(accounts.tokens, "<token>")
    secrets |= dict.fromkeys([spent, kept, by_session], "<ticket>")
    files = servers.supervisor.stored_files(servers.project)
    contents = [content for _name, content in files]
    contents += list(_in_redis(servers.supervisor.redis.own_url))
    for content in contents:
        if found := find_secret(secrets, content):
            with agreed("S1"):
                kept = lesson.message("kept", what=secrets[found])
                raise Mismatch(lesson.message("not_stored"), kept)


def _in_redis(url):
    """Yield all that is kept in a Redis: keys, and what they hold."""
    import redis

    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            yield key
            yield client.dump(key) or b""
