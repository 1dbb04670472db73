"""Task `refuse`: strangers are refused, the known are known, and nothing leaks on the way."""

from secrets import token_urlsafe

from channels_workshop.chat_checks.accounts import (
    Accounts,
    Shown,
    bearer,
    get_ticket,
    is_ended,
    known_people,
    name_of,
)
from channels_workshop.chat_checks.chat import room_path
from channels_workshop.chat_checks.conversations import Side, compare_with_reference
from channels_workshop.chat_checks.counter import Watcher
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.judging.origins import FOREIGN, turns_away
from channels_workshop.judging.timeline import shortened

NOTHING = Shown("nothing shown")


async def _known(door, accounts, room, name):
    connection = await door.connect(room, Shown(name, bearer(accounts.token(name))))
    return Watcher(connection)


async def test_strangers_are_refused(door, some):
    await door.refuses(some.name(), NOTHING, some.text())


async def test_nothing_is_heard(door, accounts, some):
    room, text = some.name(), some.text()
    ann = await _known(door, accounts, room, "ann")
    await ann.says_and_hears(some.text())
    for shown in (NOTHING, Shown("an unknown token", bearer("x" * 43))):
        await door.refuses(room, shown, some.text())
    bob = await _known(door, accounts, room, "bob")
    await bob.says_and_hears(text)
    await ann.heard(text)
    for person in (ann, bob):
        person.shows(2, 2)
        person.never_goes(down=True)


async def test_same_words(door, accounts, lesson, some):
    room = some.name()
    header = bearer(accounts.token("ann"))
    frames = {}
    for shown in [
        NOTHING,
        Shown("no bearer", [("Authorization", "Basic YW5uOmFubg==")]),
        Shown("empty header", [("Authorization", "")]),
        Shown("two tokens", [*header, *header]),
        Shown("unknown token", bearer("x" * 43)),
        Shown("expired token", bearer(accounts.token("ann, expired"))),
        Shown("revoked token", bearer(accounts.token("rob, revoked"))),
        Shown("inactive user", bearer(accounts.token("ina, inactive"))),
        Shown("unknown ticket", query="ticket=" + "x" * 43),
        Shown("empty ticket", query="ticket="),
    ]:
        frame = await door.refuses(room, shown, some.text())
        frames.setdefault(frame, shown.what)
    if len(frames) > 1:
        (frame, first), (another_frame, second), *_ = frames.items()
        raise Mismatch(
            lesson.message("same_words", who=second, other=first, frame=frame),
            lesson.message("other_words", who=second, frame=another_frame),
            given=second,
        )


async def test_session_user_is_kept(door, sue, some):
    await door.lets_in("sue", some.name(), Shown("session of sue", sue.cookies), some.text())


async def test_bad_despite_session(door, sue, some):
    for what, headers, query in [
        ("unknown token", bearer("x" * 43), ""),
        ("empty header", [("Authorization", "")], ""),
        ("unknown ticket", (), "ticket=" + "x" * 43),
        ("empty ticket", (), "ticket="),
    ]:
        shown = Shown(f"session of sue, {what}", [*sue.cookies, *headers], query)
        await door.refuses(some.name(), shown, some.text())


async def test_token_before_session(door, accounts, sue, some):
    headers = [*sue.cookies, *bearer(accounts.token("ann"))]
    shown = Shown("session of sue, token of ann", headers)
    await door.lets_in("ann", some.name(), shown, some.text())


async def test_scope_is_copied(probed_door, accounts, lesson, some):
    shown = Shown("a token", bearer(accounts.token("ann")))
    connection = await probed_door.connect(some.name(), shown)
    changed = connection.headers.get("x-scope-changed")
    if changed:
        actual = lesson.message("scope_changed", keys=changed)
        raise Mismatch(lesson.message("scope_unchanged"), actual)
    (await name_of(connection, some.text())).must_be("ann")


async def test_no_subprotocol(visitor, accounts, lesson, some):
    token, path = accounts.token("ann"), room_path(some.name())
    for who, headers in [("ann", bearer(token)), ("a token as subprotocol", [])]:
        offered = ["chat", token]
        tab = await visitor.connect(path, who=who, headers=headers, subprotocols=offered)
        if tab.subprotocol is not None:
            chosen = tab.subprotocol.replace(token, "<token>")
            raise Mismatch(
                lesson.message("no_subprotocol", who=who),
                lesson.message("subprotocol", who=who, name=chosen),
            )


async def test_counted_by_user(door, accounts, sue, some):
    room = some.name()
    ann = await _known(door, accounts, room, "ann")
    await ann.says_and_hears(some.text())
    ticket = await get_ticket(door.visitor, room, bearer(accounts.token("ann")))
    shown = Shown("ann, by ticket", query=f"ticket={ticket}")
    again = Watcher(await door.connect(room, shown))
    await again.says_and_hears(some.text())
    again.shows(1, 2)
    other = Watcher(await door.connect(room, Shown("sue, by session", sue.cookies)))
    await other.says_and_hears(some.text())
    other.shows(2, 3)


async def test_foreign_origin(visitor, accounts, some):
    path = room_path(some.name())
    await turns_away(visitor, path, FOREIGN[0])
    ticket = await get_ticket(visitor, some.name(), bearer(accounts.token("ann")))
    await turns_away(visitor, f"{path}?ticket={ticket}", FOREIGN[0])


async def test_revocation_ends_connections(door, accounts, some):
    room, header = some.name(), bearer(accounts.token("una"))
    ticket, unspent = [await get_ticket(door.visitor, room, header) for _ in range(2)]
    ann = await _known(door, accounts, room, "ann")
    connections = [
        await door.connect(room, shown)
        for shown in [
            Shown("una, by token", header),
            Shown("una, by ticket", query=f"ticket={ticket}"),
            Shown("ida, by token", bearer(accounts.token("ida"))),
        ]
    ]
    for connection in connections:
        await name_of(connection, some.text())
    accounts.turn_away(revoked="una", inactive="ida")
    for connection in connections:
        await is_ended(connection)
    await ann.comes_to_see(1, 1)
    shown = Shown("una, by a ticket from before", query=f"ticket={unspent}")
    await door.refuses(room, shown, some.text())


async def test_never_in_the_log(door, accounts, lesson, some):
    room, unknown = some.name(), token_urlsafe(32)
    header = bearer(accounts.token("ann"))
    ticket = await get_ticket(door.visitor, room, header)
    for shown in [
        Shown("a token", header),
        Shown("two tokens", [*header, *header]),
        Shown("a token and a ticket", header, f"ticket={ticket}"),
        Shown("an unknown token", bearer(unknown)),
        Shown("an expired token", bearer(accounts.token("ann, expired"))),
        NOTHING,
    ]:
        await door.knock(room, shown, some.text())
    log = door.visitor.server.log_since(0)
    for token in (*accounts.tokens, unknown):
        if token in log:
            (line, *_) = [line for line in log.splitlines() if token in line]
            line = shortened(line.replace(token, "<token>"), 200)
            raise Mismatch(lesson.message("not_logged"), lesson.message("logged", line=line))


async def test_never_stored(door, accounts, servers, lesson, some):
    room = some.name()
    header = bearer(accounts.token("ann"))
    spent, kept = [await get_ticket(door.visitor, room, header) for _ in range(2)]
    for shown in (Shown("a token", header), Shown("a ticket", query=f"ticket={spent}")):
        await door.knock(room, shown, some.text())
    secrets = {**dict.fromkeys(accounts.tokens, "<token>"), spent: "<ticket>", kept: "<ticket>"}
    for file in sorted(path for path in servers.project.rglob("*") if path.is_file()):
        content = file.read_bytes()
        for secret, name in secrets.items():
            if secret.encode() in content:
                actual = lesson.message("stored", file=file.name, what=name)
                raise Mismatch(lesson.message("not_stored"), actual)


def test_like_the_reference(servers, accounts, evidence):
    reference = servers.reference()
    compare_with_reference(
        Side(servers.plain(), known_people(accounts)),
        Side(reference, known_people(Accounts(reference.project))),
        servers.seed,
        evidence.timeline,
        servers.patience,
    )
