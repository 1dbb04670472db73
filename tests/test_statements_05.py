"""Every sentence of lesson 05's page about the pinned software, and the proof that it is true.

The proofs are in `statements/lesson_05.py`. They need Django's settings, which are global, so they
run together in one process of their own.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_05.py"
PAGES = [
    REPOSITORY / "docs" / language / "lessons" / "05_token_middleware.md"
    for language in ("en", "ru")
]

# Where it stands on the page, what it says, which proof it has.
STATEMENTS = [
    (
        "bytes",
        "`headers` are pairs of bytes, names in lower case; `query_string` is bytes, percent-encoded.",
        "the_scope_has_bytes_and_names_in_lower_case",
    ),
    (
        "copied",
        "After `AuthMiddlewareStack` the outer scope has no `user`.",
        "channels_copies_the_scope_on_its_way_in",
    ),
    (
        "messages",
        "A consumer's `accept`, `send`, `close` are `websocket.accept`, `.send`, `.close`.",
        "a_consumers_answers_are_three_messages",
    ),
    (
        "two-refusals",
        "`close(4401)` before `accept` is HTTP 403; after it the code arrives.",
        "a_close_before_accept_is_a_403_without_the_code",
    ),
    (
        "digest",
        "Django's hash takes a million rounds, never twice alike; a digest is always the same.",
        "a_password_is_hashed_slowly_and_never_twice_alike",
    ),
    (
        "async-orm",
        "A filter asks nothing; a foreign key that was not fetched is a forbidden query.",
        "a_foreign_key_that_was_not_fetched_blocks",
    ),
    (
        "one-thread",
        "All WebSockets take turns in one thread, with the async ORM too.",
        "look_ups_of_all_websockets_take_turns_in_one_thread",
    ),
    (
        "one-thread",
        "Each HTTP request has a thread of its own.",
        "each_http_request_has_a_thread_of_its_own",
    ),
    (
        "insensitive",
        "Without thread-sensitivity they run side by side, each with a connection.",
        "insensitive_calls_run_side_by_side_each_with_a_connection",
    ),
    (
        "deleted",
        "All eight have seen the row; one of them is told that it has deleted it.",
        "one_of_eight_deletes_the_row",
    ),
    (
        "stays-open",
        "A connection outlives its session and its user's activity.",
        "nothing_ends_an_open_connection_by_itself",
    ),
    (
        "recheck",
        "After a revocation the project tells `unauthorized` and closes with 4401.",
        "the_project_ends_it_within_revoke_within",
    ),
    (
        "latin-1",
        "Not all bytes are UTF-8; Latin-1 has a character for each.",
        "what_is_not_utf_8_is_a_500",
    ),
    (
        "blank",
        "`parse_qsl` drops an empty value unless told to keep it.",
        "an_empty_value_is_dropped_unless_it_is_kept",
    ),
    (
        "inactive",
        "Django passes over the inactive user of a session; a query does not.",
        "only_a_session_asks_by_itself_whether_its_user_is_active",
    ),
    (
        "mistake-dict",
        "`dict` of a query string is a TypeError, and works on an empty one.",
        "a_query_is_bytes_that_dict_does_not_read",
    ),
    (
        "mistake-bytes",
        "`parse_qs` of bytes has keys of bytes.",
        "a_query_is_bytes_that_dict_does_not_read",
    ),
    (
        "mistake-decode",
        "Bytes that are not UTF-8: UnicodeDecodeError, HTTP 500.",
        "what_is_not_utf_8_is_a_500",
    ),
    (
        "mistake-sync",
        "`token.user` without `select_related`: SynchronousOnlyOperation.",
        "a_foreign_key_that_was_not_fetched_blocks",
    ),
    (
        "mistake-anonymous",
        "`AuthMiddlewareStack` refuses nobody.",
        "whoever_overwrites_the_user_forgets_the_session",
    ),
    (
        "mistake-overwritten",
        "Overwritten, the session's user is gone.",
        "whoever_overwrites_the_user_forgets_the_session",
    ),
    (
        "mistake-early-close",
        "`close(4401)` before `accept` is HTTP 403.",
        "a_close_before_accept_is_a_403_without_the_code",
    ),
    (
        "mistake-place",
        "`user` is there inside of the stack, `url_route` inside of the router.",
        "a_middleware_in_the_wrong_place_misses_its_keys",
    ),
    (
        "mistake-log",
        "uvicorn logs the query, and no header, subprotocol, frame.",
        "the_log_has_the_query_and_no_header",
    ),
    (
        "mistake-no-table",
        "Without `migrate`: `no such table: accounts_token`.",
        "without_migrate_there_is_no_table",
    ),
    (
        "query-log",
        "A token in the query stands in the log.",
        "the_log_has_the_query_and_no_header",
    ),
    (
        "echo",
        "Without a choice the header is missing; what is chosen stands in the answer.",
        "a_subprotocol_is_agreed_only_if_accept_names_it",
    ),
    (
        "rung-query",
        "A token in the query lets in, and stands in the log.",
        "a_token_in_the_query_lets_in_and_is_logged",
    ),
    (
        "rung-subprotocol",
        "A token as a subprotocol lets in, and is not the one that is chosen.",
        "a_token_among_the_subprotocols_lets_in_and_is_not_chosen",
    ),
    (
        "deadline",
        "Before the first message a stranger is in, until the deadline.",
        "before_the_first_message_a_stranger_is_in_until_the_deadline",
    ),
    (
        "say-hello",
        "The program is let in with a token, and told so without a good one.",
        "a_program_with_a_token_says_hello",
    ),
    (
        "hijacked",
        "Without the validator a foreign page speaks as ann.",
        "without_the_validator_a_foreign_page_is_ann",
    ),
    (
        "other-port",
        "`AllowedHostsOriginValidator` refuses another host, and no other port.",
        "the_validator_refuses_another_host_and_no_other_port",
    ),
    (
        "whole-origin",
        "`OriginValidator` with whole origins refuses another port.",
        "a_list_of_whole_origins_refuses_another_port",
    ),
    (
        "communicator",
        "`connect()` of a refusal returns True; then come the frame and the close.",
        "a_communicator_takes_a_query_and_shows_the_refusal_after_accept",
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
