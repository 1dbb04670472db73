"""Every sentence of lesson 04's page about the pinned software, and the proof that it is true.

The proofs are in `statements/lesson_04.py`. They need Django's settings, which are global, so they
run together in one process of their own.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_04.py"
PAGES = [
    REPOSITORY / "docs" / language / "lessons" / "04_online_counter.md" for language in ("en", "ru")
]

# Where it stands on the page, what it says, which proof it has.
STATEMENTS = [
    (
        "process-state",
        "All consumers of a process see the same module.",
        "a_module_is_shared_by_the_consumers_of_a_process",
    ),
    (
        "process-state",
        "Another process has a module of its own.",
        "two_processes_keep_two_accounts",
    ),
    (
        "no-interruption",
        "A step without `await` is not interrupted; read, await, write loses what others wrote.",
        "a_step_without_await_is_not_interrupted",
    ),
    (
        "disconnect-table",
        "`disconnect` follows a close, a lost network, a refusal (1006), and no exception.",
        "disconnect_follows_every_end_but_an_exception",
    ),
    (
        "disconnect-table",
        "Sending to a tab just lost ends the consumer: no `disconnect`, nothing in the log.",
        "sending_to_a_lost_tab_ends_the_consumer_without_disconnect",
    ),
    (
        "call-finally",
        "`__call__` lasts as long as the connection; its `finally` sees an exception.",
        "a_finally_around_call_sees_an_exception",
    ),
    (
        "can-fail",
        "`group_add` may fail, and whoever was counted before it stays counted.",
        "group_add_may_fail_before_anything_is_accepted",
    ),
    (
        "mistake-too-early",
        "Three failed handshakes, each counted before the step that failed.",
        "group_add_may_fail_before_anything_is_accepted",
    ),
    (
        "auth-stack",
        "`AuthMiddlewareStack` fills in cookies, session, user; the anonymous come in.",
        "the_stack_fills_the_scope_and_lets_the_anonymous_in",
    ),
    (
        "mistake-anonymous",
        "`str()` of everybody who is not logged in is `AnonymousUser`.",
        "the_stack_fills_the_scope_and_lets_the_anonymous_in",
    ),
    (
        "session-key",
        "`session_key` is None without a cookie, and for an unknown session.",
        "a_session_that_is_not_known_has_no_key",
    ),
    (
        "empty-session",
        "A session with nothing in it gets no cookie.",
        "an_empty_session_gets_no_cookie",
    ),
    (
        "mistake-exception",
        "`disconnect` is not called after an exception.",
        "disconnect_follows_every_end_but_an_exception",
    ),
    (
        "mistake-no-stack",
        "Without the stack: `KeyError: 'session'`.",
        "without_the_stack_there_is_no_session",
    ),
    (
        "mistake-no-table",
        "Without `migrate`: `no such table: django_session`.",
        "without_migrate_there_is_no_table",
    ),
    (
        "roll-call",
        "The program on the page is shown six people by one process.",
        "the_program_on_the_page_counts_six_in_one_process",
    ),
    (
        "two-accounts",
        "Each process keeps an account of its own.",
        "two_processes_keep_two_accounts",
    ),
    (
        "communicator-cookie",
        "A communicator takes a cookie as a header, in bytes.",
        "a_communicator_takes_a_cookie_as_bytes",
    ),
]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str | None]:
    """Each proof's name, with None or the traceback of its failure."""
    run = subprocess.run(
        [sys.executable, str(PROOFS)], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("anchor", "says", "proof"),
    STATEMENTS,
    ids=[f"{anchor}-{proof}" for anchor, _, proof in STATEMENTS],
)
def test_statement(anchor, says, proof, verdicts):
    assert verdicts[proof] is None, f"{PAGES[0]}#{anchor}: {says}\n\n{verdicts[proof]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parents[1].name)
def test_every_statement_has_its_place_on_the_page(page):
    anchors = set(re.findall(r"\{ #([\w-]+)", page.read_text(encoding="utf-8")))
    assert {anchor for anchor, _, _ in STATEMENTS} <= anchors


def test_every_proof_belongs_to_a_statement(verdicts):
    assert set(verdicts) == {proof for _, _, proof in STATEMENTS}
