"""What the checks of this lesson speak in: users of the target, and the door of its rooms."""

from pathlib import Path

import pytest

from channels_workshop.checking.accounts import Accounts, Door, log_in
from channels_workshop.checking.client import Client
from channels_workshop.checking.timeline import Timeline

OVERLAYS = Path(__file__).with_name("overlays")
#: Seconds. Soon enough for a check to see it.
REVOKE_WITHIN = "1"


@pytest.fixture(scope="session")
def serving():
    return {"migrate": True, "environment": {"REVOKE_WITHIN": REVOKE_WITHIN}}


@pytest.fixture(scope="session")
def accounts(session):
    session.plain()  # which lays the database out
    return Accounts(session.project)


@pytest.fixture
def door(visitor):
    return Door(visitor)


@pytest.fixture
def probed_door(session, visit):
    """The door of the same copy, with a probe beneath and a gate before it."""
    settings = OVERLAYS / "probe_settings.py"
    overlay = {settings.name: settings.read_text(encoding="utf-8")}
    return Door(visit(session.alongside("probed", overlay, settings="probe_settings")))


@pytest.fixture
def late_door(session, visit):
    """The door of the same copy, where every ticket comes too late."""
    return Door(visit(session.alongside("late", {}, environment={"TICKET_SECONDS": "0"})))


@pytest.fixture(scope="session")
async def sue(session, accounts):
    """Somebody who has logged in with a password, and has no token."""
    accounts.make_person_with_password("sue")
    browser = Client(session.plain(), Timeline())
    yield await log_in(browser, "sue")
    await browser.leave()
