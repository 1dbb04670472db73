"""The accounts of lessons 05 and 06: what users are given, what they show, what comes of it."""

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from .. import language
from ..judging.client import Client, Closed, Connection, Refused
from ..judging.mismatch import Mismatch, expect, given
from ..judging.origins import caller_with
from ..judging.patience import Patience
from ..judging.timeline import Timeline, shortened
from ..language import message
from ..processes.project import ProjectServer
from ..processes.supervisor import Supervisor
from .chat import (
    Error,
    NamedPerson,
    all_frames,
    closed_with,
    message_in,
    printable,
    read_frame,
    read_object,
    receives,
    room_path,
    together,
)
from .conversations import Clients
from .counter import Watcher, read_count

UNAUTHORIZED = 4401
_PASSWORD = "correct-horse"
#: Characters. No server reads a header of more than that.
_LONGEST_TOKEN = 2**13

#: So many people knock at the same time.
_AT_ONCE = 16

_Case = TypeVar("_Case")
Command = list[str]
Headers = Sequence[tuple[str, str]]


def creating(user: str, *options: str, seconds: int = 3600) -> Command:
    """Return the command that gives a user a token."""
    return ["create_token", user, "--expires-in", str(seconds), *options]


def revoking(user: str) -> Command:
    """Return the command that takes back all tokens of a user."""
    return ["revoke_tokens", user]


def making_inactive(user: str) -> Command:
    """Return the command that makes a user inactive; it gives a token as well."""
    return creating(user, "--inactive")


def making_active(user: str) -> Command:
    """Return the command that makes a user active again."""
    return _by_django(user, "update(is_active=True)")


def deleting(user: str) -> Command:
    """Return the command that deletes a user."""
    return _by_django(user, "delete()")


def _by_django(user: str, done: str) -> Command:
    """Return Django's own command for what the agreement has none for: it is done to that user."""
    code = (
        "from django.contrib.auth import get_user_model\n"
        f"get_user_model().objects.filter(username={user!r}).{done}"
    )
    return ["shell", "-v0", "-c", code]


#: Names that are no trouble: letters that differ in case alone, other letters, signs, markup.
MARKUP = '<img src="x" class="smuggled">'
NAMES = ["ann", "bob", "eve", "Ann", "жанна", "ann.o+x@tea.example", MARKUP, "an-" * 49 + "ann"]
#: What happens to `rob` and `ivo` below happens to none of these: names in another case, longer and
#: shorter ones, others for whoever takes off accents, or takes a sign for any letter.
NEARLY_ROB = ["Rob", "ROB", "ro", "robb", "rób", "röb", "rxb", "rob@tea.example"]
NEARLY_IVO = ["Ivo", "IVO", "iv", "ivoo", "ivó", "ivo@tea.example"]
#: Users to whom something happens in the course of a check.
CHANGING = ["una", "ida", "dora", "tia", "tom", "tim", "ted"]

#: What is done to the users at first, in this order; what a command prints is the token of that name.
_CAST: list[tuple[str | None, Command]] = [
    *((name, creating(name)) for name in NAMES),
    ("ann, another", creating("ann")),
    ("ann, for ten years", creating("ann", seconds=315_360_000)),
    ("ann, expired as it was made", creating("ann", seconds=0)),
    ("ann, expired a second ago", creating("ann", seconds=-1)),
    ("ann, expired an hour ago", creating("ann", seconds=-3600)),
    ("ann, expired a year ago", creating("ann", seconds=-31_536_000)),
    *((name, creating(name)) for name in (*NEARLY_ROB, *NEARLY_IVO)),
    ("ivo, from before he was inactive", creating("ivo")),
    ("ivo, inactive, given another since", making_inactive("ivo")),
    ("ivo, given since", creating("ivo")),
    ("rob, revoked", creating("rob")),
    ("rob, revoked with another", creating("rob")),
    ("r_b, revoked", creating("r_b")),
    (None, revoking("rob")),
    (None, revoking("r_b")),
    ("rob, given since", creating("rob")),
    ("dan, deleted", creating("dan")),
    (None, deleting("dan")),
    # What becomes of these is for the checks to say; each of them is in one check alone.
    *((f"{name}{again}", creating(name)) for name in CHANGING for again in ("", ", another")),
]
#: Tokens of _CAST that are good, and whose each is.
GOOD = {
    **{name: name for name in NAMES},
    "ann, another": "ann",
    "ann, for ten years": "ann",
    "rob, given since": "rob",
}
EXPIRED = [name for name, _command in _CAST if name and "expired" in name]
REVOKED = ["rob, revoked", "rob, revoked with another", "r_b, revoked"]
INACTIVE = [
    "ivo, inactive, given another since",
    "ivo, from before he was inactive",
    "ivo, given since",
]
DELETED = ["dan, deleted"]
BAD = [*EXPIRED, *REVOKED, *INACTIVE, *DELETED]
#: So many are made together, whenever there is nobody left for a name that is none of _CAST.
_CROWD = 40


class Accounts:
    """The users of one copy of a project, made by its own `manage.py` when first needed.

    `environment` is what its servers are given, too: they may share more than a database.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        project: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._supervisor = supervisor
        self._project = project
        self._environment = environment or {}
        self._cast: dict[str, str] = {}
        self._guests: dict[str, str] = {}
        self._crowd: list[str] = []
        #: What stands for a secret where people read it.
        self.labels: dict[str, str] = {}

    def token(self, name: str) -> str:
        """Return one of the tokens of _CAST."""
        if not self._cast:
            # All of them in one go: a process is slower than all that it does.
            printed = self.run([command for _name, command in _CAST], own_interpreter=True)
            self._cast = {
                who: self._note(text, f"token of {who}")
                for (who, _command), text in zip(_CAST, printed, strict=True)
                if who is not None
            }
        return self._cast[name]

    def token_of(self, who: str) -> str:
        """Return a good token of a user of their own for each name: `ann`, as `ann, another tab`."""
        who, _comma, _tab = who.partition(",")
        if who in GOOD:
            return self.token(who)
        if who not in self._guests:
            if not self._crowd:
                made = len(self._guests)
                self._crowd = self.new_tokens(*(f"guest {made + n}" for n in range(_CROWD)))
            self._guests[who] = self._crowd.pop()
        return self._guests[who]

    def new_tokens(self, *users: str, seconds: int = 3600) -> list[str]:
        """Return a new token for each of them; users are made where there are none of the name."""
        printed = self.run([creating(user, seconds=seconds) for user in users])
        return [
            self._note(text, f"token of {user}") for user, text in zip(users, printed, strict=True)
        ]

    @property
    def tokens(self) -> list[str]:
        """All tokens that were given out, and are known to us."""
        self.token("ann")
        return [secret for secret, label in self.labels.items() if "token of" in label]

    def run(self, commands: Sequence[Command], *, own_interpreter: bool = False) -> list[str]:
        """Run each `manage.py COMMAND…`; return what they printed. Raises Mismatch for a failure."""
        return run_all(
            self._supervisor,
            self._project,
            commands,
            self._environment,
            own_interpreter=own_interpreter,
        )

    def make_people_with_password(self, *users: str) -> None:
        """Have users who can log in: see `log_in`."""
        # Once for all of them: Django's hash of a password is slow on purpose.
        made = (
            "from django.contrib.auth import get_user_model, hashers\n"
            f"password = hashers.make_password({_PASSWORD!r})\n"
            f"for name in {list(users)!r}:\n"
            "    user, _ = get_user_model().objects.get_or_create(username=name)\n"
            "    user.password = password\n"
            "    user.save()\n"
        )
        self.run([["shell", "-v0", "-c", made]])

    def masked(self, text: str) -> str:
        """Return `text` with a label in the place of each secret that is known to us."""
        for secret, label in self.labels.items():
            text = text.replace(secret, f"<{label}>")
        return text

    def _note(self, printed: str, label: str) -> str:
        token = _only_line(printed)
        self.labels[token] = label
        return token


def run_all(
    supervisor: Supervisor,
    project: Path,
    commands: Sequence[Sequence[str]],
    environment: Mapping[str, str],
    *,
    own_interpreter: bool = False,
) -> list[str]:
    """Run each `manage.py COMMAND…` and return what they printed. Raises Mismatch for a failure."""
    ran = supervisor.run_commands(project, commands, environment, own_interpreter=own_interpreter)
    for command, one in zip(commands, ran, strict=True):
        if one.exit_code != 0:
            line = " ".join(["manage.py", *(shortened(word, 80) for word in command)])
            last = (one.errors.strip().splitlines() or [""])[-1]
            raise Mismatch(_exit_code(line, 0), _exit_code(line, one.exit_code, last))
    return [one.printed for one in ran]


def _exit_code(command: str, code: int | None, error: str = "") -> language.Message:
    if code is None:
        return message("`{command}` did not end", command=command)
    if error:
        return message(
            "`{command}` ends with exit code {code}: {error}",
            command=command,
            code=code,
            error=error,
        )
    return message("`{command}` ends with exit code {code}", command=command, code=code)


def _only_line(printed: str) -> str:
    lines = printed.splitlines()
    token = lines[0].strip() if len(lines) == 1 else ""
    can_be_shown = token.isascii() and token.isprintable() and len(token) <= _LONGEST_TOKEN
    if not token or not can_be_shown:
        expected = message("`manage.py create_token` prints the token and nothing else")
        raise Mismatch(expected, repr(printed)[:100])
    return token


def bearer(token: str) -> Headers:
    """Return the header that shows a token."""
    return [("Authorization", f"Bearer {token}")]


@dataclass(frozen=True)
class LoggedIn:
    """What a browser has after a login: cookies, and what Django's protection wants beside them."""

    cookies: Headers
    csrf: Headers


def cookies_of(browser: Client) -> Headers:
    """Return the header with all cookies that a browser was given."""
    return [("Cookie", "; ".join(f"{name}={value}" for name, value in browser.cookies.items()))]


async def log_in(browser: Client, user: str, accounts: Accounts) -> LoggedIn:
    """Log in as a user of `Accounts.make_people_with_password`, as a person does on the page."""
    form = {"username": user, "password": _PASSWORD}
    response = await post_form(browser, "/login/", form)
    if response.status_code != 302:
        raise Mismatch("POST /login/: HTTP 302", f"POST /login/: HTTP {response.status_code}")
    # Django changes the token at a login.
    csrf = await csrf_token(browser, "/login/")
    cookies = cookies_of(browser)
    accounts.labels[cookies[0][1]] = f"session of {user}"
    return LoggedIn(cookies, [("X-CSRFToken", csrf)])


async def post_form(browser: Client, page: str, form: Mapping[str, str]) -> httpx.Response:
    """POST a form of a page as the page does, with Django's token, to the page itself."""
    token = await csrf_token(browser, page)
    return await browser.post(page, data={**form, "csrfmiddlewaretoken": token})


class Sessions:
    """People who have logged in with a password, and have no token."""

    def __init__(self, server: ProjectServer, accounts: Accounts, *names: str) -> None:
        self._server = server
        self._accounts = accounts
        self._names = names
        self._begun: asyncio.Task[dict[str, LoggedIn]] | None = None

    def begin(self) -> None:
        """Begin to log them in, beside whatever else is checked meanwhile: that takes its time."""
        if self._begun is None:
            self._begun = asyncio.create_task(self._log_in_all())

    async def of(self, name: str) -> LoggedIn:
        """Return the session of one of them. Raises Mismatch, each time, where a login fails."""
        self.begin()
        assert self._begun is not None
        return (await self._begun)[name]

    async def at(self, server: ProjectServer, name: str) -> LoggedIn:
        """Return a session of one of them on another server: each may keep its sessions in memory."""
        await self.of(name)  # who can log in by then
        return await self._log_in(name, server)

    async def _log_in_all(self) -> dict[str, LoggedIn]:
        await asyncio.to_thread(self._accounts.make_people_with_password, *self._names)
        # Together: Django's hash of a password is slow on purpose.
        logged_in = await asyncio.gather(*map(self._log_in, self._names))
        return dict(zip(self._names, logged_in, strict=True))

    async def end(self) -> None:
        """Let nothing of it go on, or be told: nobody has asked."""
        if self._begun is not None:
            self._begun.cancel()
            await asyncio.gather(self._begun, return_exceptions=True)

    async def _log_in(self, name: str, server: ProjectServer | None = None) -> LoggedIn:
        browser = Client(server or self._server, Timeline(), name)
        try:
            return await log_in(browser, name, self._accounts)
        finally:
            await browser.leave()


async def with_csrf_token(browser: Client) -> Headers:
    """Return what a page of ours sends for somebody who has not logged in."""
    token = await csrf_token(browser, "/login/")
    return [*cookies_of(browser), ("X-CSRFToken", token)]


#: Where Django's own tag for it is used; attributes may come in any order.
_TOKEN_FIELD = re.compile(r"<input[^<>]*csrfmiddlewaretoken[^<>]*>")
_VALUE = re.compile(r"value=[\"']?(\w+)")


async def csrf_token(browser: Client, page: str) -> str:
    """Return the token of Django's protection that a form on `page` holds. Raises Mismatch."""
    response = await browser.get(page, follow_redirects=True)
    field_ = _TOKEN_FIELD.search(response.text)
    value = field_ and _VALUE.search(field_[0])
    if response.status_code != 200 or not value:
        expected = message("GET {page}: HTTP 200, a form with Django’s CSRF token", page=page)
        raise Mismatch(expected, f"GET {page}: HTTP {response.status_code}")
    return value[1]


@dataclass(frozen=True)
class Shown:
    """What somebody shows at the door of a room; `what` names it in the story of a check."""

    what: str
    headers: Headers = ()
    query: str = ""
    subprotocols: Sequence[str] = ()

    def beside(self, headers: Headers) -> "Shown":
        """Return the same with more headers before it."""
        return Shown(self.what, [*headers, *self.headers], self.query, self.subprotocols)

    def __str__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.headers]
        if self.subprotocols:
            lines.append(f"Sec-WebSocket-Protocol: {', '.join(self.subprotocols)}")
        if self.query:
            lines.append(f"?{self.query}")
        return "; ".join(lines)


NOTHING = Shown("a stranger")


@dataclass
class Answer:
    """What came of it: let in under a `name`, or refused with `frames` and a close `code`."""

    who: str
    name: object = None
    frames: list[str | bytes] = field(default_factory=list)
    code: int | None = None

    def take(self, frame: str | bytes) -> None:
        """Note a frame that came, unless it is of a type that clients are to ignore."""
        if read_frame(frame) is not None or read_count(frame) is not None:
            self.frames.append(frame)

    @property
    def is_refusal(self) -> bool:
        """Whether it is the one that is expected: one error frame, and 4401."""
        return (
            len(self.frames) == 1
            and read_frame(self.frames[0]) == Error("unauthorized")
            and self.code == UNAUTHORIZED
        )

    def must_be(self, name: str) -> None:
        """Raise Mismatch unless they were let in under that name."""
        if self.code is not None or self.name != name:
            expected = Answer(self.who, name).sentence()
            raise Mismatch(expected, self.sentence(), close_code=self.code)

    def sentence(self) -> language.Message:
        """Return it as a sentence."""
        if self.code is not None:
            return message(
                "{what}; {then}",
                what=receives(self.who, all_frames(self.frames)),
                then=closed_with(self.code),
            )
        if not self.name:
            return message("{who} is let in without a name", who=self.who)
        return message("{who} is let in as {name}", who=self.who, name=printable(self.name))


class Door:
    """The door of the rooms of one server, and its ticket office."""

    def __init__(self, visitor: Client, accounts: Accounts) -> None:
        self.visitor = visitor
        self.accounts = accounts

    async def each(
        self, cases: Iterable[_Case], check: Callable[[_Case], Awaitable[object]]
    ) -> None:
        """Have `check` look at each of the cases, several at the same time.

        Where one goes wrong, all are looked at once more, one by one: the first that goes wrong is
        told, with a story of its own. A check must be one that can be done again.
        """
        waiting = list(cases)
        while batch := waiting[:_AT_ONCE]:
            del waiting[:_AT_ONCE]
            moments = [*self.visitor.timeline.moments]
            try:
                await together(*map(check, batch))
            except Mismatch:
                for case in batch:
                    self.visitor.timeline.moments[:] = moments
                    await check(case)
                raise

    async def connect(self, room: str, shown: Shown) -> Connection:
        """Open a connection; return once the handshake is accepted."""
        path = room_path(room) + (f"?{shown.query}" if shown.query else "")
        return await self.visitor.connect(
            path, who=shown.what, headers=shown.headers, subprotocols=shown.subprotocols
        )

    async def knock(self, room: str, shown: Shown, text: str) -> Answer:
        """Return what comes of it; somebody who is let in says `text`, to learn under which name."""
        connection = await self.connect(room, shown)
        answer = await name_of(connection, text)
        await connection.end()
        return answer

    async def lets_in(self, name: str, room: str, shown: Shown, text: str) -> None:
        """Raise Mismatch unless that lets somebody in, under that name."""
        with self._given(shown):
            (await self.knock(room, shown, text)).must_be(name)

    async def knows_nobody(self, room: str, shown: Shown, text: str) -> None:
        """Raise Mismatch if that lets somebody in under anybody's name, or breaks the server.

        How somebody without a name is refused, if at all, is another question: see `refuses`.
        """
        with self._given(shown):
            try:
                answer = await self.knock(room, shown, text)
            except Refused as refused:
                if refused.status is None or refused.status >= 500:
                    raise
                return
            if answer.name:
                expected = message("{who} is not let in under anyone’s name", who=shown.what)
                raise Mismatch(expected, answer.sentence())

    async def refuses(self, room: str, shown: Shown, text: str) -> str:
        """Return the frame of the refusal. Raises Mismatch unless it is one, as agreed."""
        with self._given(shown):
            answer = await self.knock(room, shown, text)
            return _frame_of_refusal(answer)

    async def refuses_without_a_word(self, room: str, shown: Shown) -> None:
        """Raise Mismatch unless somebody who says nothing at all is refused as agreed."""
        with self._given(shown):
            connection = await self.connect(room, shown)
            answer = Answer(connection.who)
            try:
                await connection.receive_first(answer.take, _refusal_of(shown.what))
            except Closed as closed:
                answer.code = closed.code
            _frame_of_refusal(answer)

    async def turns_away(self, room: str, shown: Shown, origin: str | None) -> None:
        """Raise Mismatch unless a handshake with that Origin is refused with HTTP 403."""
        caller = caller_with(origin)
        path = room_path(room) + (f"?{shown.query}" if shown.query else "")
        with self._given(shown):
            try:
                await self.visitor.connect(
                    path, who=shown.what, headers=shown.headers, origin=origin
                )
            except Refused as refused:
                expect(f"{caller}: HTTP 403", refused.told_of(caller))
            else:
                raise Mismatch(f"{caller}: HTTP 403", f"{caller}: HTTP 101")

    async def asks(self, room: object, headers: Iterable[tuple[str, str]] = ()) -> httpx.Response:
        """Return the answer to `POST /tickets/` for `room`."""
        return await self.posts(json.dumps({"room": room}).encode(), headers)

    async def posts(
        self, body: bytes, headers: Iterable[tuple[str, str]] = (), query: str = ""
    ) -> httpx.Response:
        """Return the answer to `POST /tickets/` with that body."""
        sent = [("Content-Type", "application/json"), *headers]
        # As bytes: httpx takes no others than ASCII in a text.
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in sent]
        path = "/tickets/" + (f"?{query}" if query else "")
        return await self.visitor.post(path, content=body, headers=encoded)

    async def wants_csrf_token(self, room: str, known: LoggedIn, another: LoggedIn) -> None:
        """Raise Mismatch unless `POST /tickets/` by a session is refused without Django's token.

        That is all that a page of somebody else can have a browser send, and more.
        """
        origin = self.visitor.server.origin
        for what, more in [
            ("no X-CSRFToken", []),
            ("an empty X-CSRFToken", [("X-CSRFToken", "")]),
            ("a short X-CSRFToken", [("X-CSRFToken", "x")]),
            ("a wrong X-CSRFToken", [("X-CSRFToken", "ab" * 32)]),
            ("the X-CSRFToken of another", another.csrf),
            ("no X-CSRFToken, the server’s own Origin", [("Origin", origin)]),
            ("no X-CSRFToken, the server’s own Referer", [("Referer", f"{origin}/")]),
            ("no X-CSRFToken, by a script", [("X-Requested-With", "XMLHttpRequest")]),
        ]:
            response = await self.asks(room, [*known.cookies, *more])
            expect(f"{what}: HTTP 403", f"{what}: HTTP {response.status_code}")
        # With one of the cookies alone, be it the session's or the token's.
        for cookie in known.cookies[0][1].split("; "):
            response = await self.asks(room, [("Cookie", cookie)])
            if response.status_code != 401:  # where that was not the session's
                what = f"the cookie {cookie.partition('=')[0]} alone, no X-CSRFToken"
                expect(f"{what}: HTTP 403", f"{what}: HTTP {response.status_code}")

    async def ticket(self, room: str, headers: Headers | None = None, name: str = "ann") -> str:
        """Return a ticket for `room`, fetched with a token of `name`, or with `headers` if given.

        Raises Mismatch for an answer that brings none.
        """
        ticket, _seconds = await self.ticket_with_time(room, headers, name)
        return ticket

    async def ticket_with_time(
        self, room: str, headers: Headers | None = None, name: str = "ann"
    ) -> tuple[str, object]:
        """Return a ticket as `ticket` does, and for how many seconds it is said to be good."""
        shown = bearer(self.accounts.token(name)) if headers is None else headers
        response = await self.asks(room, shown)
        content = _content(response)
        ticket = content.get("ticket")
        if response.status_code != 201 or not isinstance(ticket, str) or not ticket:
            frame = '{"ticket": "…", "expires_in": …}'
            actual = f"POST /tickets/: HTTP {response.status_code} {shortened(response.text, 80)}"
            with self._given(Shown("", shown)):
                raise Mismatch(f"POST /tickets/: HTTP 201 {frame}", actual)
        self.accounts.labels[ticket] = f"ticket of {name}" if headers is None else "ticket"
        return ticket, content.get("expires_in")

    def _given(self, shown: Shown) -> contextlib.AbstractContextManager[None]:
        text = self.accounts.masked(str(shown))
        return given(text) if text else contextlib.nullcontext()


def _content(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def expect_error(what: str, response: httpx.Response, status: int, code: str) -> None:
    """Raise Mismatch unless that is an HTTP answer with the error object `code`."""
    if response.status_code == status and read_frame(response.text) == Error(code):
        return
    actual = f"{what}: HTTP {response.status_code} {shortened(response.text, 80)}"
    raise Mismatch(f"{what}: HTTP {status} {Error(code)}", actual)


async def name_of(connection: Connection, text: str) -> Answer:
    """Have somebody who is connected say `text`; return under which name it comes back, if so."""
    answer = Answer(connection.who)

    def read(frame: str | bytes) -> dict[str, object] | None:
        content = message_in(frame)
        if content.get("message") == text:
            return content
        answer.take(frame)
        return None

    expected = receives(connection.who, json.dumps({"message": text}, ensure_ascii=False))
    with contextlib.suppress(Closed):  # before we could speak: what was said to us is read below
        await connection.send({"message": text})
    try:
        answer.name = (await connection.receive_first(read, expected)).get("user")
    except Closed as closed:
        answer.code = closed.code
    return answer


class NamedWatcher(Watcher):
    """Somebody who watches the counter of a chat that says who has said what."""

    message_keys = NamedPerson.message_keys


def joining(door: Door) -> Callable[[str, str], Awaitable[NamedWatcher]]:
    """Return what opens a tab on a room, for a user of their own for each name."""

    async def join(room: str, who: str) -> NamedWatcher:
        shown = Shown(who, bearer(door.accounts.token_of(who)))
        return NamedWatcher(await door.connect(room, shown))

    return join


async def is_ended(connection: Connection) -> None:
    """Raise Mismatch unless the server ends it, with the error frame and the code of a refusal."""
    answer = Answer(connection.who)

    def keep_last(frame: str | bytes) -> None:
        answer.frames = [frame]  # the last one is what counts

    try:
        await connection.receive_first(keep_last, closed_with(UNAUTHORIZED))
    except Closed as closed:
        answer.code = closed.code
    _frame_of_refusal(answer)


def _frame_of_refusal(answer: Answer) -> str:
    """Return the frame of a refusal, its keys in order. Raises Mismatch unless it is one."""
    if not answer.is_refusal:
        raise Mismatch(_refusal_of(answer.who), answer.sentence(), close_code=answer.code)
    frame = read_object(answer.frames[0]) or {}
    return printable(dict(sorted(frame.items())))


def one_frame(frames: Mapping[str, str]) -> None:
    """Raise Mismatch unless all refusals had the same frame; `frames` has one who got it for each."""
    if len(frames) > 1:
        (frame, first), (another_frame, second), *_ = frames.items()
        raise Mismatch(
            message(
                "{who} is refused in the same words as {other}: {frame}",
                who=second,
                other=first,
                frame=frame,
            ),
            message("{who} is refused with {frame}", who=second, frame=another_frame),
        )


def _refusal_of(who: str) -> language.Message:
    return Answer(who, frames=[str(Error("unauthorized"))], code=UNAUTHORIZED).sentence()


def known_people(accounts: Accounts) -> Clients:
    """Return what makes clients for generated conversations: everybody in them has a token."""

    def make(server: ProjectServer, timeline: Timeline, patience: Patience) -> Client:
        return KnownPeople(server, timeline, patience=patience, accounts=accounts)

    return make


class KnownPeople(Client):
    """A client whose connections show a token: each name that they are given is another user."""

    def __init__(self, *arguments: Any, accounts: Accounts, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._accounts = accounts

    async def connect(self, path: str, **options: Any) -> Connection:
        """Open a WebSocket as `Client.connect` does, with the token of `who`."""
        token = self._accounts.token_of(options.get("who") or self.who)
        return await super().connect(path, **{"headers": bearer(token), **options})
