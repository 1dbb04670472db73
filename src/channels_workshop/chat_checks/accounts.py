"""The accounts of lessons 05 and 06: what users are given, what they show, what comes of it."""

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .. import language
from ..judging.client import Client, Closed, Connection, Refused
from ..judging.mismatch import Mismatch
from ..judging.patience import Patience
from ..judging.timeline import Timeline, shortened
from ..language import message
from ..processes.management import run_commands
from ..processes.project import ProjectServer
from .chat import all_frames, closed_with, read_object, receives, room_path
from .conversations import Clients

UNAUTHORIZED = 4401
_PASSWORD = "correct-horse"


def _creating(user: str, *options: str, seconds: int = 3600) -> list[str]:
    return ["create_token", user, "--expires-in", str(seconds), *options]


#: Whose token is made by which commands: the first of them prints it.
_CAST = {
    **{name: [_creating(name)] for name in ["ann", "bob", "eve", "una", "ida"]},
    "ann, another": [_creating("ann")],
    "ann, expired": [_creating("ann", seconds=-1)],
    "ina, inactive": [_creating("ina", "--inactive")],
    "rob, revoked": [_creating("rob"), ["revoke_tokens", "rob"]],
    "rob, given since": [_creating("rob")],
    "markup as a name": [_creating('<img src="x" class="smuggled">')],
}

Headers = Sequence[tuple[str, str]]


class Accounts:
    """The users of one copy of a project, made by its own `manage.py` when first needed."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._cast: dict[str, str] = {}

    def token(self, name: str) -> str:
        """Return one of the tokens of _CAST."""
        if not self._cast:
            # All of them in one go: a process is slower than all that it does.
            printed = iter(self._run([command for steps in _CAST.values() for command in steps]))
            for who, commands in _CAST.items():
                first, *_revocation = [next(printed) for _command in commands]
                self._cast[who] = _only_line(first)
        return self._cast[name]

    @property
    def tokens(self) -> list[str]:
        """All tokens that were given out."""
        self.token("ann")
        return list(self._cast.values())

    def turn_away(self, revoked: str, inactive: str) -> None:
        """Take back all tokens of one user, and make another inactive."""
        self._run([["revoke_tokens", revoked], _creating(inactive, "--inactive")])

    def make_person_with_password(self, user: str) -> None:
        """Have a user who can log in: see `log_in`."""
        command = ["createsuperuser", "--noinput", "--username", user]
        self._run([[*command, "--email", "nobody@example.org"]])

    def _run(self, commands: Sequence[Sequence[str]]) -> list[str]:
        environment = {"DJANGO_SUPERUSER_PASSWORD": _PASSWORD}
        return run_all(self._project, commands, environment)


def run_all(
    project: Path, commands: Sequence[Sequence[str]], environment: Mapping[str, str]
) -> list[str]:
    """Run each `manage.py COMMAND…` and return what they printed. Raises Mismatch for a failure."""
    ran = run_commands(project, commands, environment)
    for command, one in zip(commands, ran, strict=True):
        if one.exit_code != 0:
            line = shortened("manage.py " + " ".join(command), 80)
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
    if len(lines) != 1 or not lines[0].strip():
        expected = message("`manage.py create_token` prints the token and nothing else")
        raise Mismatch(expected, repr(printed)[:100])
    return lines[0].strip()


def bearer(token: str) -> Headers:
    """Return the header that shows a token."""
    return [("Authorization", f"Bearer {token}")]


@dataclass(frozen=True)
class LoggedIn:
    """What a browser has after a login: cookies, and what Django's protection wants beside them."""

    cookies: Headers
    csrf: Headers


async def log_in(browser: Client, user: str) -> LoggedIn:
    """Log in as a user of `Accounts.make_person_with_password`, on the page for it."""
    page = await browser.get("/login/")
    token = page.cookies.get("csrftoken")
    if page.status_code != 200 or token is None:
        raise Mismatch("GET /login/: HTTP 200, csrftoken", f"GET /login/: HTTP {page.status_code}")
    form = {"username": user, "password": _PASSWORD, "csrfmiddlewaretoken": token}
    response = await browser.post("/login/", data=form)
    if response.status_code != 302:
        raise Mismatch("POST /login/: HTTP 302", f"POST /login/: HTTP {response.status_code}")
    cookies = "; ".join(f"{name}={value}" for name, value in response.cookies.items())
    return LoggedIn([("Cookie", cookies)], [("X-CSRFToken", response.cookies["csrftoken"])])


async def ask_for_ticket(
    browser: Client, room: object, headers: Iterable[tuple[str, str]] = ()
) -> httpx.Response:
    """Return the answer to `POST /tickets/` for `room`."""
    return await browser.post("/tickets/", json={"room": room}, headers=list(headers))


async def get_ticket(browser: Client, room: str, headers: Iterable[tuple[str, str]]) -> str:
    """Return a ticket for `room`. Raises Mismatch for an answer that brings none."""
    response = await ask_for_ticket(browser, room, headers)
    if response.status_code == 201:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            ticket = response.json()["ticket"]
            if isinstance(ticket, str) and ticket:
                return ticket
    actual = f"POST /tickets/: HTTP {response.status_code} {shortened(response.text, 80)}"
    raise Mismatch('POST /tickets/: HTTP 201 {"ticket": "…", …}', actual)


@dataclass(frozen=True)
class Shown:
    """What somebody shows at the door of a room; `what` names it in the story of a check."""

    what: str
    headers: Headers = ()
    query: str = ""


@dataclass
class Answer:
    """What came of it: let in under a `name`, or refused with `frames` and a close `code`."""

    who: str
    name: object = None
    frames: list[str | bytes] = field(default_factory=list)
    code: int | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether it is the one that is expected: one error frame, and 4401."""
        return len(self.frames) == 1 and _is_unauthorized(self.frames[0]) and self.code == 4401

    def must_be(self, name: str) -> None:
        """Raise Mismatch unless they were let in under that name."""
        if self.code is not None or self.name != name:
            expected = Answer(self.who, name).sentence()
            raise Mismatch(expected, self.sentence(), close_code=self.code)

    def sentence(self) -> language.Message:
        """Return it as a sentence."""
        if self.code is None:
            name = json.dumps(self.name, ensure_ascii=False)
            return message("{who} is let in as {name}", who=self.who, name=name)
        return message(
            "{what}; {then}",
            what=receives(self.who, all_frames(self.frames)),
            then=closed_with(self.code),
        )


def _is_unauthorized(frame: str | bytes) -> bool:
    content = read_object(frame) or {}
    kind = (content.get("type"), content.get("code"))
    return kind == ("error", "unauthorized") and isinstance(content.get("detail"), str)


class Door:
    """The door of the rooms of one server."""

    def __init__(self, visitor: Client) -> None:
        self.visitor = visitor

    async def connect(self, room: str, shown: Shown) -> Connection:
        """Open a connection; return once the handshake is accepted."""
        path = room_path(room) + (f"?{shown.query}" if shown.query else "")
        return await self.visitor.connect(path, who=shown.what, headers=shown.headers)

    async def knock(self, room: str, shown: Shown, text: str) -> Answer:
        """Return what comes of it; somebody who is let in says `text`, to learn under which name."""
        connection = await self.connect(room, shown)
        return await name_of(connection, text)

    async def lets_in(self, name: str, room: str, shown: Shown, text: str) -> None:
        """Raise Mismatch unless that lets somebody in, under that name."""
        (await self.knock(room, shown, text)).must_be(name)

    async def knows_nobody(self, room: str, shown: Shown, text: str) -> None:
        """Raise Mismatch if that lets somebody in under anybody's name, or breaks the server.

        How somebody without a name is refused, if at all, is another question: see `refuses`.
        """
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
        answer = await self.knock(room, shown, text)
        if not answer.is_refusal:
            raise Mismatch(_refusal_of(shown.what), answer.sentence(), close_code=answer.code)
        return json.dumps(read_object(answer.frames[0]), ensure_ascii=False, sort_keys=True)


async def name_of(connection: Connection, text: str) -> Answer:
    """Have somebody who is connected say `text`; return under which name it comes back, if so."""
    answer = Answer(connection.who)
    expected = receives(connection.who, json.dumps({"message": text}, ensure_ascii=False))
    with contextlib.suppress(Closed):  # before we could speak: what was said to us is read below
        await connection.send({"message": text})
    try:
        while True:
            frame = await connection.receive(expected)
            content = read_object(frame) or {}
            if content.get("message") == text:
                break
            answer.frames.append(frame)
            if content.get("type") == "error":
                expected = closed_with(UNAUTHORIZED)
    except Closed as closed:
        answer.code = closed.code
    else:
        answer.name = content.get("user")
    return answer


async def is_ended(connection: Connection) -> None:
    """Raise Mismatch unless the server ends it, with the error frame and the code of a refusal."""
    answer = Answer(connection.who)
    try:
        while True:
            frame = await connection.receive(closed_with(UNAUTHORIZED))
            answer.frames = [frame]  # the last one is what counts
    except Closed as closed:
        answer.code = closed.code
    if not answer.is_refusal:
        raise Mismatch(_refusal_of(connection.who), answer.sentence(), close_code=answer.code)


def _refusal_of(who: str) -> language.Message:
    frame = '{"type": "error", "code": "unauthorized", "detail": "…"}'
    return Answer(who, frames=[frame], code=UNAUTHORIZED).sentence()


def known_people(accounts: Accounts) -> Clients:
    """Return what makes clients for generated conversations: everybody in them has a token."""

    def make(server: ProjectServer, timeline: Timeline, patience: Patience) -> Client:
        return _KnownPeople(server, timeline, patience=patience, accounts=accounts)

    return make


class _KnownPeople(Client):
    def __init__(self, *arguments: Any, accounts: Accounts, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._accounts = accounts

    async def connect(self, path: str, **options: Any) -> Connection:
        """Open a WebSocket as `Client.connect` does, with the token of `who`."""
        token = self._accounts.token(options["who"])
        return await super().connect(path, headers=bearer(token), **options)
