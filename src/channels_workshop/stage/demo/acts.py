"""What can happen in a step of a demo: the entries of `acts` in `demo.toml`, told apart by `do`."""

import msgspec


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """Something that a step does."""


class Serve(Act, frozen=True, tag="serve"):
    """Serve the project as `server`. Each server is a process of its own; they share one database.

    It sees the variables in `environment`, and the Redis of the demo where that runs by then.
    """

    server: str
    environment: dict[str, str] = {}


class Run(Act, frozen=True, tag="run"):
    """Have `server` be another program of the project: a Python file and its arguments.

    It is there once it prints a line in which the regular expression `ready` finds its port. `laid`
    are files of the lesson's folder `demo/` that are laid into the project, `settings` may be one.
    """

    server: str
    command: list[str]
    ready: str
    settings: str = ""
    laid: list[str] = []


class Restart(Act, frozen=True, tag="restart"):
    """End `server` and start it again, with the code as it is by now."""

    server: str


class Kill(Act, frozen=True, tag="kill"):
    """End `server` at once, as `kill -9` does."""

    server: str


class StartRedis(Act, frozen=True, tag="start_redis"):
    """Start an empty Redis for the demo, or bring back the stopped one, empty, where it was."""


class StopRedis(Act, frozen=True, tag="stop_redis"):
    """Stop the Redis of the demo."""


class Hold(Act, frozen=True, tag="hold"):
    """Open an HTTP service that lets callers wait, until `release`; then it says `answer`, JSON.

    Servers that are started afterwards find its address in `variable`.
    """

    service: str
    variable: str
    answer: dict[str, str]


class Release(Act, frozen=True, tag="release"):
    """Let `service` answer whoever waits there."""

    service: str


class Connect(Act, frozen=True, tag="connect"):
    """Open a WebSocket from the client `who`; if it is refused, that is the outcome.

    `origin` is the page that it comes from, the server's own unless given. `cookies_of` names a
    client in whose browser that page is open.
    """

    who: str
    server: str
    path: str
    origin: str = ""
    cookies_of: str = ""


class Send(Act, frozen=True, tag="send"):
    """Send a frame: a table as JSON, a text as it is."""

    who: str
    frame: dict[str, str] | str


class Close(Act, frozen=True, tag="close"):
    """Close the WebSocket politely."""

    who: str


class Drop(Act, frozen=True, tag="drop"):
    """Break the connection off, as a lost network does."""

    who: str


class Get(Act, frozen=True, tag="get"):
    """Open a page. With `later` nobody waits for the answer in this step."""

    who: str
    server: str
    path: str
    later: bool = False


class Post(Act, frozen=True, tag="post"):
    """Send a form, with Django's CSRF token where the client has been given one."""

    who: str
    server: str
    path: str
    form: dict[str, str]


class Beat(Act, frozen=True, tag="beat"):
    """Ask for `path` again and again, from now on: a heart that shows whether anybody is served."""

    who: str
    server: str
    path: str


class Fill(Act, frozen=True, tag="fill"):
    """Write code into the project, as if typed: a section, or a whole file.

    `of` says whose: `reference`, `stubs`, `mistakes/ID`, `further/NAME`, or `demo/NAME.py`, a file
    of the lesson's folder `demo/`.
    """

    section: str = ""
    file: str = ""
    of: str = "reference"


AnyAct = (
    Serve
    | Run
    | Restart
    | Kill
    | StartRedis
    | StopRedis
    | Hold
    | Release
    | Connect
    | Send
    | Close
    | Drop
    | Get
    | Post
    | Beat
    | Fill
)
