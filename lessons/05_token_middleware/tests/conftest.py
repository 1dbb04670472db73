"""Fixtures of this lesson's checks: accounts of the target, and the door of its rooms."""

from pathlib import Path

import pytest

from channels_workshop.chat_checks.accounts import Accounts, Door, log_in
from channels_workshop.judging.client import Client
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions

OVERLAYS = Path(__file__).with_name("overlays")
#: Seconds. Soon enough for a check to see it.
REVOKE_WITHIN = "1"


@pytest.fixture(scope="session")
def options():
    return ServerOptions(migrate=True, environment={"REVOKE_WITHIN": REVOKE_WITHIN})


@pytest.fixture(scope="session")
def accounts(servers):
    servers.plain()  # which makes the database
    return Accounts(servers.project)


@pytest.fixture
def door(visitor):
    return Door(visitor)


@pytest.fixture
def probed_door(servers, visit):
    """The door of the same copy, with a probe beneath and a gate before it."""
    settings = OVERLAYS / "probe_settings.py"
    overlay = {settings.name: settings.read_text(encoding="utf-8")}
    return Door(visit(servers.alongside("probed", overlay, settings="probe_settings")))


@pytest.fixture
def late_door(servers, visit):
    """The door of the same copy, where every ticket comes too late."""
    return Door(visit(servers.alongside("late", environment={"TICKET_SECONDS": "0"})))


@pytest.fixture(scope="session")
async def sue(servers, accounts):
    """Somebody who has logged in with a password, and has no token."""
    accounts.make_person_with_password("sue")
    browser = Client(servers.plain(), Timeline())
    yield await log_in(browser, "sue")
    await browser.leave()
