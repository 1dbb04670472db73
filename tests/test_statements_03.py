"""Every sentence of lesson 03's page about the pinned software, and the proof that it is true.

The proofs are in `statements/lesson_03.py`. They need Django's settings, which are global, so they
run together in one process of their own.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_03.py"
PAGES = [
    REPOSITORY / "docs" / language / "lessons" / "03_chat_consumer.md" for language in ("en", "ru")
]

# Where it stands on the page, what it says, which proof it has.
STATEMENTS = [
    (
        "consumer",
        "Each connection has an instance of the consumer of its own.",
        "each_connection_has_an_instance_and_an_address",
    ),
    ("consumer", "`self.send` reaches this one tab.", "send_reaches_one_tab"),
    (
        "doorstep",
        "Until `accept` the tab hears nothing.",
        "nothing_is_answered_before_accept",
    ),
    (
        "one-at-a-time",
        "While `receive` awaits, this tab's next frame waits; other tabs carry on.",
        "a_consumer_does_one_thing_at_a_time",
    ),
    (
        "one-at-a-time",
        "While `receive` awaits, events from the group wait.",
        "events_wait_for_the_handler_too",
    ),
    (
        "exception",
        "An exception cuts the connection with 1006; `disconnect` is not called.",
        "an_exception_cuts_the_connection_without_disconnect",
    ),
    (
        "group",
        "Each connection has a `channel_name` of its own.",
        "each_connection_has_an_instance_and_an_address",
    ),
    ("group", "`group_send` reaches the sender too.", "group_send_reaches_the_sender_too"),
    (
        "event-type",
        "An event of the type `chat.message` comes to `chat_message`.",
        "a_period_in_the_type_becomes_an_underscore",
    ),
    (
        "own-process",
        "The layer in memory reaches no other process, and raises no error.",
        "another_process_hears_nothing",
    ),
    (
        "capacity",
        "A mailbox holds 100 events; of 150 sent by one handler 101 arrive, without an error.",
        "of_150_events_in_one_go_101_arrive",
    ),
    (
        "group-names",
        "A group name takes ASCII letters, digits, hyphens, underscores, periods; fewer than 100.",
        "a_group_name_is_narrow",
    ),
    (
        "room-kwarg",
        "`<str:room>` holds anything but a slash, and arrives decoded.",
        "a_room_arrives_decoded_and_without_a_slash",
    ),
    (
        "disconnect-called",
        "`disconnect` is called after a close, and after a lost network.",
        "disconnect_follows_a_close_and_a_lost_network",
    ),
    (
        "refused-disconnects",
        "A refused tab comes to `disconnect` with 4400; `group_discard(None, …)` is a TypeError.",
        "a_refused_room_comes_to_disconnect",
    ),
    (
        "text-or-bytes",
        "`receive` gets `text_data` or `bytes_data`; the other is None.",
        "receive_gets_text_or_bytes",
    ),
    (
        "json-errors",
        "`json.loads` raises ValueError, and RecursionError for deep nesting.",
        "json_loads_raises_two_kinds",
    ),
    (
        "mistake-no-accept",
        "Without `accept` no answer is sent, and no error raised.",
        "nothing_is_answered_before_accept",
    ),
    (
        "mistake-no-await",
        "Without `await` nobody joins, and Python warns: was never awaited.",
        "without_await_nobody_joins",
    ),
    ("mistake-self-send", "`self.send` reaches the own tab alone.", "send_reaches_one_tab"),
    (
        "mistake-group-name",
        "`комната` and 95 characters: HTTP 500 and the rule in the log; 94 fit after `chat_`.",
        "a_group_name_is_narrow",
    ),
    (
        "mistake-early-close",
        "`close(4400)` before `accept` is HTTP 403; after it the code arrives.",
        "a_close_before_accept_is_a_403_without_the_code",
    ),
    (
        "mistake-exception",
        "Bad frames end in an exception, 1006, no `disconnect`; the address stays in the group.",
        "an_exception_cuts_the_connection_without_disconnect",
    ),
    (
        "mistake-bytes",
        "A binary frame is handed over as `bytes_data`: TypeError without such an argument.",
        "an_exception_cuts_the_connection_without_disconnect",
    ),
    (
        "mistake-no-handler",
        "An event without a handler is a ValueError in every consumer, and all are cut off.",
        "an_event_without_a_handler_cuts_off_the_room",
    ),
    (
        "mistake-client-type",
        "`websocket.disconnect` as an event's type ends every consumer in a KeyError.",
        "a_client_that_chooses_the_type_throws_everybody_out",
    ),
    (
        "mistake-no-limit",
        "Two megabytes go through; uvicorn's limit is 16 MiB.",
        "nobody_limits_a_message_below_16_mib",
    ),
    (
        "mistake-no-discard",
        "Without `group_discard` the address stays and gets events, for a minute or a day.",
        "ghosts_stay_until_the_layer_cleans_up",
    ),
    ("poke", "The Python program on the page runs.", "the_program_on_the_page_runs"),
    (
        "origin",
        "Without an `Origin` of the own host the handshake ends with 403.",
        "without_an_origin_of_its_own_host_nobody_gets_in",
    ),
    (
        "communicator",
        "A bare consumer has no `url_route` in its scope.",
        "a_bare_consumer_knows_no_room",
    ),
    (
        "communicator",
        "The application wants an `Origin` header from a communicator.",
        "the_application_wants_an_origin_from_a_communicator_too",
    ),
    ("layer-outlives", "Groups in memory outlive a test.", "groups_outlive_a_test"),
    (
        "receive-nothing",
        "`receive_nothing` is content with a crashed consumer.",
        "receive_nothing_is_content_with_a_crash",
    ),
    ("testing-daphne", "`channels.testing` imports daphne.", "channels_testing_imports_daphne"),
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
