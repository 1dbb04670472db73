"""The atlas of close codes: what stands on the page is what is seen when it is played.

What a program sees of one shared server is played with the quick tests; a browser, nginx and servers
that are killed with the slow ones.
"""

import functools
import inspect
import json
import re
import subprocess
import sys

import daphne.server
import msgspec
import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.close_codes import FOLDER, Seen, load_atlas, load_captured
from channels_workshop.judging.browser import can_drive, find_browser
from channels_workshop.judging.needs import find_nginx

ATLAS = load_atlas()
CAPTURED = load_captured()
SITUATIONS = [situation.id for group in ATLAS.groups for situation in group.situations]
PLAY = REPOSITORY / FOLDER / "programs" / "play.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="played on Linux")


@functools.cache
def played(server: str, client: str, is_quick: bool) -> dict[str, Seen]:
    """Play the situations; return what was seen in each."""
    command = [sys.executable, PLAY, server, client, *["--quick"] * is_quick]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return msgspec.json.decode(run.stdout, type=dict[str, Seen])


def captured(server: str, client: str, among: set[str]) -> dict[str, Seen]:
    """Return what stands on the page of those situations."""
    return {
        name: by_server[server][client]
        for name, by_server in CAPTURED.seen.items()
        if client in by_server.get(server, {}) and name in among
    }


def seen_at_last(
    server: str, client: str, expected: dict[str, Seen], *, is_quick: bool
) -> dict[str, Seen]:
    """Return what was seen; of situations in which it was not as `expected`, when played once more.

    daphne waits a second for the answer to its close, then tells the consumer 1006: a client on a busy
    machine may be later than that.
    """
    seen = played(server, client, is_quick)
    if seen == expected:
        return seen
    again = played.__wrapped__(server, client, is_quick)
    return {name: one if one == expected.get(name) else again[name] for name, one in seen.items()}


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_a_program_sees_what_the_page_says(server):
    among = set(played(server, "program", is_quick=True))
    assert len(among) >= 15
    expected = captured(server, "program", among)
    assert seen_at_last(server, "program", expected, is_quick=True) == expected


@pytest.mark.slow
@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
@pytest.mark.parametrize("client", ["program", "browser"])
def test_all_of_it_is_as_the_page_says(server, client):
    if client == "browser" and not (can_drive() and find_browser()):
        pytest.skip("a browser is missing: see CONTRIBUTING.md")
    among = {name for name in SITUATIONS if find_nginx() or not name.startswith("proxy-")}
    expected = captured(server, client, among)
    assert seen_at_last(server, client, expected, is_quick=False) == expected


def test_the_limits_of_daphne_are_those_of_the_page():
    """In seconds. `websocket_timeout` is one of a connection's age, whatever happens on it."""
    limits = inspect.signature(daphne.server.Server).parameters
    assert limits["websocket_connect_timeout"].default == 20
    assert limits["websocket_timeout"].default == 24 * 60 * 60


def test_each_situation_has_words_and_was_seen():
    assert set(CAPTURED.seen) == set(SITUATIONS)
    assert len(SITUATIONS) == len(set(SITUATIONS)) >= 20


def test_the_codes_are_all_of_the_registry_and_of_this_course():
    codes = [code.code for code in ATLAS.codes]
    used = {
        code
        for path in (REPOSITORY / "lessons").rglob("*")
        if path.suffix in (".py", ".md", ".toml")
        for code in re.findall(r"\b44\d\d\b", path.read_text(encoding="utf-8"))
    }
    assert codes == [*map(str, range(1000, 1016)), *sorted(used)]


def test_each_code_that_was_seen_is_in_the_table():
    text = json.dumps(msgspec.to_builtins(CAPTURED.seen))
    seen = set(re.findall(r'"(?:code|consumer)": (\d{4})', text)) - {"4000"}  # anybody's own
    assert seen <= {code.code for code in ATLAS.codes}


def test_the_servers_are_those_of_the_lock():
    lock = (REPOSITORY / "requirements" / "core.txt").read_text(encoding="utf-8")
    for name in ("uvicorn", "daphne", "websockets", "channels", "django", "autobahn"):
        assert f"\n{name}=={CAPTURED.versions[name]} " in f"\n{lock}", "play it again: see play.py"
