"""The pytest plug-in that lessons' checks run in; it never imports the code that it checks.

`pytest lessons/03_chat_consumer` judges the reference, `--target DIR` another folder, a plain
`pytest` in a learner's folder that folder. A check is a function `test_<id>` in the lesson's
`tests/`; its words and points stand in `lesson.toml`.
"""

import asyncio
import contextlib
import functools
import inspect
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..course.lesson import Check, Lesson, load_lesson
from ..course.lessons import find_lesson
from ..errors import WorkshopError
from ..language import Message, choose, current, is_chosen, message, speak
from ..processes.children import FailedToStart
from ..processes.options import ServerOptions
from ..processes.project import ProjectServer
from ..processes.supervisor import Supervisor
from .client import Client
from .describing import does_not_run, failure_of
from .evidence import Evidence
from .failure import DoesNotRun, Failure
from .groups import Groups
from .mismatch import Mismatch, RanOut
from .needs import why_missing
from .passing import LetPass, let_pass, serve_passing
from .reports import as_text
from .servers import Servers
from .some import Some

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHECK = pytest.StashKey[Check]()
EVIDENCE = pytest.StashKey[Evidence]()
FAILURE = pytest.StashKey[Failure | DoesNotRun]()
LESSON = pytest.StashKey[Lesson]()
#: Put here by the judging process, which keeps servers warm between two runs.
SUPERVISOR = pytest.StashKey[Supervisor]()
#: Put here beside it, where the reference is to be served apart from the target.
TRUSTED = pytest.StashKey[Supervisor]()
#: The servers of this run.
SERVERS = pytest.StashKey[Servers]()
#: The servers that the last run of each lesson asked for, by its name: started ahead in the next.
ASKED_FOR = pytest.StashKey[dict[str, list[str]]]()
#: The task whose checks come first.
FIRST = pytest.StashKey[str]()

#: Seconds after which a check is given up, whatever the target is doing: it may send for ever.
LONGEST_CHECK = 120
#: Milliseconds that a page in a real browser may take to show something.
_PAGE_LIMIT = 10_000


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("workshop", "checks of the workshop's lessons")
    group.addoption("--target", metavar="DIR", help="the project to judge; else the reference")
    group.addoption("--seed", type=int, help="replay the random part of an earlier run")
    group.addoption("--ungraded", action="store_true", help="run the checks without points too")
    group.addoption("--lang", help="language of the messages: en or ru")
    parser.addini("workshop_lesson", "the lesson that the folder of this file is work on")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--seed") is None:
        config.option.seed = random.randrange(10**6)
    if config.getoption("--lang") or not is_chosen():
        speak(choose(config.getoption("--lang")))
    if config.getini("workshop_lesson"):
        _aim_at_learners_folder(config)


def _aim_at_learners_folder(config: pytest.Config) -> None:
    """Have `pytest` run the pristine checks on the learner's folder, unless it names some tests."""
    assert config.inipath is not None
    folder = config.inipath.parent
    if config.getoption("--target") is None:
        config.option.target = str(folder)
    named = [(config.invocation_params.dir / argument).resolve() for argument in config.args]
    if config.args_source is not config.ArgsSource.ARGS or named == [folder.resolve()]:
        config.args = [str(_learners_lesson(config) / "tests")]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # A learner's folder may stand outside the checkout, whose own conftest.py is not for it.
    if early_config.getini("workshop_lesson"):
        lesson = _learners_lesson(early_config)
        early_config.known_args_namespace.confcutdir = str(lesson)
        sys.path.insert(0, str(lesson / "tests"))  # as `pythonpath` says in the lesson's own folder


def _learners_lesson(config: pytest.Config) -> Path:
    try:
        return find_lesson(config.getini("workshop_lesson")).folder
    except WorkshopError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> str:
    return f"workshop: --seed={config.getoption('--seed')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bind each test to its check, in the order of `lesson.toml`; refuse what does not pair up."""
    folders = {item.path.parent for item in items}
    lessons = [folder.parent for folder in folders if _holds_checks(folder)]
    if not lessons:
        return  # the project's own tests, say
    if len(folders) > 1:
        raise pytest.UsageError("one process judges one lesson: name a single lesson's folder")
    lesson = config.stash.get(LESSON, None) or _load(lessons[0])
    config.stash[LESSON] = lesson
    wanted = {f"test_{check.id}": check for check in lesson.checks}
    for item in items:
        name = getattr(item, "originalname", item.name)
        if name not in wanted:
            raise pytest.UsageError(f"{lesson.folder / 'lesson.toml'} has no check for {name}")
        item.stash[CHECK] = wanted[name]
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _bounded(item.obj)
    order = list(wanted.values())
    first = config.stash.get(FIRST, None)
    items.sort(key=lambda item: (item.stash[CHECK].task != first, order.index(item.stash[CHECK])))


def _bounded(check: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return `check`, which then ends after LONGEST_CHECK seconds at the latest."""

    @functools.wraps(check)
    async def bounded(*arguments: object, **fixtures: object) -> None:
        try:
            async with asyncio.timeout(LONGEST_CHECK) as limit:
                await check(*arguments, **fixtures)
        except TimeoutError:
            if not limit.expired():
                raise
            raise RanOut(
                message("the check comes to an end"),
                message("it was still waiting after {n} s", n=LONGEST_CHECK),
            ) from None

    return bounded


def _holds_checks(folder: Path) -> bool:
    return folder.name == "tests" and (folder.parent / "lesson.toml").is_file()


def _load(folder: Path) -> Lesson:
    try:
        return load_lesson(folder)
    except WorkshopError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_runtest_setup(item: pytest.Item) -> None:
    check = item.stash.get(CHECK, None)
    if check is None:
        return
    if not check.points and not item.config.getoption("--ungraded"):
        raise LeftOut(message("It earns no points and is left to `verify`."))
    for need in check.needs:
        if missing := why_missing(need):
            raise LeftOut(missing)


class LeftOut(pytest.skip.Exception):  # type: ignore[name-defined]
    """A check is not run; `reason` says why, in no language yet."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason), _use_item_location=True)
        self.reason = reason


@pytest.fixture(scope="session")
def supervisor(pytestconfig: pytest.Config) -> Iterator[Supervisor]:
    """What keeps servers warm: that of the judging process, else one of this run alone."""
    if SUPERVISOR in pytestconfig.stash:
        yield pytestconfig.stash[SUPERVISOR]
        return
    with Supervisor() as own:
        yield own


@pytest.fixture(scope="session")
def lesson(pytestconfig: pytest.Config) -> Lesson:
    """The lesson whose checks these are; its `message` makes the lesson's own sentences."""
    return pytestconfig.stash[LESSON]


@pytest.fixture(scope="session")
def options() -> ServerOptions:
    """How this lesson's projects are served; its conftest may say otherwise."""
    return ServerOptions()


@pytest.fixture(scope="session")
def servers(
    pytestconfig: pytest.Config, lesson: Lesson, supervisor: Supervisor, options: ServerOptions
) -> Iterator[Servers]:
    """The servers of this run: the target's copies, and the reference."""
    target = Path(pytestconfig.getoption("--target") or lesson.folder)
    seed, trusted = pytestconfig.getoption("--seed"), pytestconfig.stash.get(TRUSTED, None)
    servers = Servers(lesson, target, supervisor, seed, options, trusted)
    pytestconfig.stash[SERVERS] = servers
    servers.start_ahead(pytestconfig.stash.get(ASKED_FOR, {}).get(lesson.name, ()))
    yield servers
    if ASKED_FOR in pytestconfig.stash:
        pytestconfig.stash[ASKED_FOR][lesson.name] = servers.names
    servers.close()


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """What this check leaves behind for the report."""
    request.node.stash[EVIDENCE] = Evidence()
    return request.node.stash[EVIDENCE]


@pytest.fixture
def some(servers: Servers, request: pytest.FixtureRequest) -> Some:
    """Random names and texts for this check."""
    return Some(servers.random(request.node.stash[CHECK].id))


@pytest.fixture
async def visit(
    servers: Servers, evidence: Evidence
) -> AsyncIterator[Callable[[ProjectServer], Client]]:
    """A function that opens a browser before a server, whose log then matters."""
    clients = []

    def visit(server: ProjectServer) -> Client:
        evidence.watch(server)
        clients.append(Client(server, evidence.timeline, patience=servers.patience))
        return clients[-1]

    yield visit
    for client in clients:
        await client.leave()


@pytest.fixture
def visitor(visit: Callable[[ProjectServer], Client], servers: Servers) -> Client:
    """A browser before the target."""
    return visit(servers.plain())


@pytest.fixture
def observed_visitor(visit: Callable[[ProjectServer], Client], servers: Servers) -> Client:
    """A browser before the target whose groups can be read."""
    return visit(servers.observed())


@pytest.fixture
def before_passing(
    servers: Servers, visit: Callable[[ProjectServer], Client]
) -> Callable[[], Awaitable[tuple[Client, LetPass] | None]]:
    """A function that opens a browser before a server whose time passes, beside what lets it pass.

    None where the target does not take that server's settings, which is another check's question.
    """

    async def before_passing() -> tuple[Client, LetPass] | None:
        try:
            server = serve_passing(servers)
            pass_by = functools.partial(let_pass, server, servers.patience)
            await pass_by(0)
        except Mismatch:
            return None
        return visit(server), pass_by

    return before_passing


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A real browser, without a window, for checks that need `browser`."""
    from .browser import browser

    async with browser() as chromium:
        yield chromium


@pytest.fixture
async def page(chromium: "Browser", visitor: Client) -> AsyncIterator["Page"]:
    """An empty tab of it; relative addresses lead to the target."""
    context = await chromium.new_context(base_url=visitor.server.origin)
    context.set_default_timeout(_PAGE_LIMIT)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def groups(observed_visitor: Client) -> AsyncIterator[Groups]:
    """The groups of the observed server, all empty at first."""
    groups = Groups(observed_visitor)
    with contextlib.suppress(Mismatch):  # whoever looks at them is told
        await groups.forget()
    yield groups
    await groups.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the learner's failure in the place of pytest's own."""
    report = yield
    check = item.stash.get(CHECK, None)
    if check is None or call.excinfo is None or report.skipped:
        return report
    lesson, error = item.config.stash[LESSON], call.excinfo.value
    if isinstance(error, Mismatch):
        evidence = item.stash.get(EVIDENCE, None) or Evidence()
        failure = failure_of(lesson, check, error, evidence)
        item.stash[FAILURE] = failure
        report.longrepr = as_text(lesson, check, failure, current())
    elif isinstance(error, FailedToStart):
        project = item.config.stash[SERVERS].project
        item.stash[FAILURE] = does_not_run(lesson, error.printed, project)
        report.longrepr = item.stash[FAILURE].traceback
    return report
