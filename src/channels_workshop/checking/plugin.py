"""The pytest plug-in that lessons' checks run in; it never imports the code that it checks.

`pytest lessons/03_chat_consumer` judges the reference, `--target DIR` another folder, a plain
`pytest` in a learner's folder that folder. A check is a function `test_<id>` in the lesson's
`tests/`; its words and points stand in `lesson.toml`.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..course.catalogue import find_lesson
from ..course.lesson import Check, Lesson, load_lesson
from ..language import _, choose, has_been_chosen, speak
from ..serving.backstage import Backstage
from ..serving.server import Server
from ..serving.starting import FailedToStart
from ..trouble import Trouble
from .agreement import Departure
from .browser import PATIENCE, browser
from .chat import Some
from .client import Client
from .needs import why_missing
from .observing import Groups
from .patience import Patience
from .session import Session
from .telling import Failure, tell
from .timeline import Timeline
from .upstream import Upstream

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHECK = pytest.StashKey[Check]()
STORY = pytest.StashKey[Timeline]()
FAILURE = pytest.StashKey[Failure]()
LOG = pytest.StashKey[tuple[Server, int]]()
LESSON = pytest.StashKey[Lesson]()
BACKSTAGE = pytest.StashKey[Backstage]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("workshop", "checks of the workshop's lessons")
    group.addoption("--target", metavar="DIR", help="the project to judge; else the reference")
    group.addoption("--seed", type=int, help="replay the random part of an earlier run")
    group.addoption("--ungraded", action="store_true", help="make the checks without points too")
    group.addoption("--lang", help="language of the messages: en or ru")
    parser.addini("workshop_lesson", "the lesson that the folder of this file is work on")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--seed") is None:
        config.option.seed = random.randrange(10**6)
    # `check` has chosen already, a plain `pytest` has not.
    if config.getoption("--lang") or not has_been_chosen():
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
        early_config.known_args_namespace.confcutdir = str(_learners_lesson(early_config))


def _learners_lesson(config: pytest.Config) -> Path:
    try:
        return find_lesson(config.getini("workshop_lesson")).folder
    except Trouble as trouble:
        raise pytest.UsageError(str(trouble)) from None


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
    lesson = _load(lessons[0])
    config.stash[LESSON] = lesson
    wanted = {f"test_{check.id}": check for check in lesson.checks}
    for item in items:
        name = getattr(item, "originalname", item.name)
        if name not in wanted:
            raise pytest.UsageError(f"{lesson.folder / 'lesson.toml'} has no check for {name}")
        item.stash[CHECK] = wanted[name]
    order = list(wanted.values())
    items.sort(key=lambda item: order.index(item.stash[CHECK]))


def _holds_checks(folder: Path) -> bool:
    return folder.name == "tests" and (folder.parent / "lesson.toml").is_file()


def _load(folder: Path) -> Lesson:
    try:
        return load_lesson(folder)
    except Trouble as trouble:
        raise pytest.UsageError(str(trouble)) from None


def pytest_runtest_setup(item: pytest.Item) -> None:
    check = item.stash.get(CHECK, None)
    if check and not check.points and not item.config.getoption("--ungraded"):
        pytest.skip(_("It earns no points and is left to `verify`."))
    for need in check.needs if check else []:
        if mend := why_missing(need):
            pytest.skip(mend)


@pytest.fixture(scope="session")
def backstage(pytestconfig: pytest.Config) -> Iterator[Backstage]:
    """What is kept warm; of the process that runs `--watch`, else of this run alone."""
    if BACKSTAGE in pytestconfig.stash:
        yield pytestconfig.stash[BACKSTAGE]
        return
    with Backstage() as own:
        yield own


@pytest.fixture(scope="session")
def serving() -> dict[str, object]:
    """How this lesson's projects are served; its conftest may say more: see `start_server`."""
    return {}


@pytest.fixture(scope="session")
def session(
    pytestconfig: pytest.Config, backstage: Backstage, serving: dict[str, object]
) -> Iterator[Session]:
    """The target's copy, and the servers that were started from it."""
    lesson = pytestconfig.stash[LESSON]
    target = Path(pytestconfig.getoption("--target") or lesson.folder)
    session = Session(lesson, target, backstage, pytestconfig.getoption("--seed"), serving)
    yield session
    session.close()


@pytest.fixture
def timeline(request: pytest.FixtureRequest) -> Timeline:
    """The story of this check."""
    request.node.stash[STORY] = Timeline()
    return request.node.stash[STORY]


@pytest.fixture
def some(session: Session, request: pytest.FixtureRequest) -> Some:
    """Random names and texts for this check."""
    return Some(session.random(request.node.stash[CHECK].id))


@pytest.fixture
async def visitor(
    request: pytest.FixtureRequest, session: Session, timeline: Timeline
) -> AsyncIterator[Client]:
    """A browser before the target."""
    async for client in _browser(request, session.plain(), timeline, session.patience):
        yield client


@pytest.fixture
async def observed_visitor(
    request: pytest.FixtureRequest, session: Session, timeline: Timeline
) -> AsyncIterator[Client]:
    """A browser before the target whose groups can be read in Redis."""
    async for client in _browser(request, session.observed(), timeline, session.patience):
        yield client


@pytest.fixture
async def visit(
    request: pytest.FixtureRequest, session: Session, timeline: Timeline
) -> AsyncIterator[Callable[[Server], Client]]:
    """A function that opens a browser before a server: before a variant of the target, say."""
    clients = []

    def visit(server: Server) -> Client:
        request.node.stash[LOG] = (server, server.log_size())
        clients.append(Client(server, timeline, patience=session.patience))
        return clients[-1]

    yield visit
    for client in clients:
        await client.leave()


async def _browser(
    request: pytest.FixtureRequest, server: Server, timeline: Timeline, patience: Patience
) -> AsyncIterator[Client]:
    request.node.stash[LOG] = (server, server.log_size())
    client = Client(server, timeline, patience=patience)
    yield client
    await client.leave()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A real browser, without a window, for checks that need `browser`."""
    async with browser() as chromium:
        yield chromium


@pytest.fixture
async def page(chromium: "Browser", visitor: Client) -> AsyncIterator["Page"]:
    """An empty tab of it; relative addresses lead to the target."""
    context = await chromium.new_context(base_url=visitor.server.origin)
    context.set_default_timeout(PATIENCE)
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="session")
def upstream_server() -> Iterator[Upstream]:
    """The upstream of this run, for a lesson's `serving` to name."""
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture
def upstream(upstream_server: Upstream) -> Iterator[Upstream]:
    """The upstream, with nothing waiting in it."""
    yield upstream_server
    upstream_server.let_go()


@pytest.fixture
async def groups(session: Session, observed_visitor: Client) -> AsyncIterator[Groups]:
    """The groups of the observed server, all empty at first."""
    groups = Groups(session.backstage.redis.url, observed_visitor)
    # The people of the check before may still be on their way out, or have never been discarded.
    session.flush_redis()
    yield groups
    await groups.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the learner's failure in the place of pytest's own."""
    report = yield
    check = item.stash.get(CHECK, None)
    if check is None or call.excinfo is None or report.skipped:
        return report
    happened = call.excinfo.value
    if isinstance(happened, Departure):
        server, position = item.stash.get(LOG, (None, 0))
        log = server.log_since(position) if server else ""
        project = server.project if server else Path()
        if happened.project:
            log, project = happened.printed, happened.project
        story = item.stash[STORY].lines() if STORY in item.stash else []
        failure = tell(item.config.stash[LESSON], check, happened, story, log, project)
        item.stash[FAILURE] = failure
        report.longrepr = failure.text()
    elif isinstance(happened, FailedToStart):
        report.longrepr = happened.traceback
    return report
