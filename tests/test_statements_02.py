"""Every sentence of lesson 02's pages about the pinned software, and the proof that it is true.

The proofs are in `statements/lesson_02.py`. They need Django's settings, which are global, so they
run together in one process of their own.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PROOFS = REPOSITORY / "tests" / "statements" / "lesson_02.py"
LESSON, BY_HAND = "lessons/02_setup_asgi.md", "poke-it-by-hand.md"

# On which page and where it stands, what it says, which proof it has.
STATEMENTS = [
    (
        LESSON,
        "one-call",
        "An application is called once for a connection; the scope's type is http or websocket.",
        "an_application_is_called_once_for_a_connection",
    ),
    (
        LESSON,
        "django-alone",
        "Django alone: `Django can only handle ASGI/HTTP connections, not websocket.`",
        "django_alone_knows_http_only",
    ),
    (
        LESSON,
        "consumer",
        "A consumer accepts unless told otherwise.",
        "a_consumer_accepts_unless_it_says_otherwise",
    ),
    (
        LESSON,
        "upgrade",
        "A handshake is a GET; the answer is `101 Switching Protocols`, or a status such as 403.",
        "a_handshake_is_an_http_request",
    ),
    (
        LESSON,
        "two-refusals",
        "Before `accept` a refusal is an HTTP status; after it a close code arrives.",
        "a_close_before_accept_is_a_403_without_the_code",
    ),
    (
        LESSON,
        "close-codes",
        "An exception is 1006 from uvicorn.",
        "an_exception_is_1006_from_uvicorn",
    ),
    (
        LESSON,
        "close-codes",
        "An exception is 1011 from daphne.",
        "the_runserver_of_daphne_serves_all_and_hides_the_order",
    ),
    (LESSON, "close-codes", "A stopping uvicorn says 1012.", "a_stopping_uvicorn_says_1012"),
    (
        LESSON,
        "runserver",
        "Django's `runserver`: pages and static files, 404 and `Not Found` for a handshake.",
        "the_runserver_of_django_has_no_websocket",
    ),
    (
        LESSON,
        "daphne",
        "With daphne first, `runserver` serves pages, static files and WebSocket.",
        "the_runserver_of_daphne_serves_all_and_hides_the_order",
    ),
    (
        LESSON,
        "daphne",
        "Behind staticfiles: `daphne.E001`.",
        "daphne_stands_before_staticfiles",
    ),
    (
        LESSON,
        "daphne",
        "Without `ASGI_APPLICATION` it does not start.",
        "daphne_wants_the_name_of_the_application",
    ),
    (
        LESSON,
        "library",
        "Without a library: `No supported WebSocket library detected`, and HTTP 404.",
        "without_a_library_uvicorn_has_no_websocket",
    ),
    (
        LESSON,
        "library",
        "uvicorn does not read `ASGI_APPLICATION`.",
        "uvicorn_does_not_read_asgi_application",
    ),
    (
        LESSON,
        "static",
        "Under uvicorn static files need the handler.",
        "static_files_need_the_handler_under_uvicorn",
    ),
    (
        LESSON,
        "channels-app",
        "`channels` in `INSTALLED_APPS` brings `runworker`; all else works without it.",
        "channels_in_the_apps_brings_one_command",
    ),
    (
        LESSON,
        "import-order",
        "Too early a model: `Apps aren't loaded yet.`, or `Requested setting INSTALLED_APPS`.",
        "models_need_the_apps_first",
    ),
    (
        LESSON,
        "import-order",
        "daphne's `runserver` hides the wrong order.",
        "the_runserver_of_daphne_serves_all_and_hides_the_order",
    ),
    (
        LESSON,
        "any-page",
        "Without a guard, a foreign page connects.",
        "without_a_guard_any_page_connects",
    ),
    (
        LESSON,
        "cookies",
        "Django's session cookie is `SameSite=Lax`; a cookie that comes along arrives.",
        "without_a_guard_any_page_connects",
    ),
    (
        LESSON,
        "unlisted-app",
        "An app that is not listed: `TemplateDoesNotExist`.",
        "an_unlisted_app_has_no_templates",
    ),
    (
        LESSON,
        "setting-typo",
        "`Cannot find 'aplication' in ASGI_APPLICATION module config.asgi`",
        "daphne_wants_the_name_of_the_application",
    ),
    (
        LESSON,
        "both-keys",
        "Without the key `http`, every page is an HTTP 500.",
        "without_an_http_key_every_page_is_a_500",
    ),
    (
        LESSON,
        "router",
        "`self.send` takes the same two arguments as `receive`.",
        "the_echo_answers_text_with_text_and_binary_with_binary",
    ),
    (
        LESSON,
        "guard",
        "The validator compares the host with `ALLOWED_HOSTS`; the port makes no difference.",
        "the_guard_turns_away_all_but_the_own_hosts",
    ),
    (
        LESSON,
        "guard-websocket-only",
        "The validator takes WebSocket only.",
        "the_guard_takes_websocket_only",
    ),
    (
        LESSON,
        "no-route",
        "An unknown path: `No route found for path 'ws/nowhere/'.`, HTTP 500.",
        "a_path_without_a_route_is_a_500",
    ),
    (
        LESSON,
        "close-after-accept",
        "A close before `accept()` is HTTP 403, and the code goes nowhere.",
        "a_close_before_accept_is_a_403_without_the_code",
    ),
    (
        LESSON,
        "last-route",
        "Routes are tried from the top; the empty expression fits every path.",
        "the_first_route_that_fits_is_taken",
    ),
    (
        LESSON,
        "mistake-404",
        "HTTP 404 on the handshake: Django's `runserver`.",
        "the_runserver_of_django_has_no_websocket",
    ),
    (
        LESSON,
        "mistake-order",
        "The two complaints about a model that is imported too early.",
        "models_need_the_apps_first",
    ),
    (
        LESSON,
        "mistake-no-http",
        "`No application configured for scope type 'http'`",
        "without_an_http_key_every_page_is_a_500",
    ),
    (
        LESSON,
        "mistake-as-asgi",
        "`object EchoConsumer can't be used in 'await' expression`",
        "a_consumer_class_is_no_application",
    ),
    (
        LESSON,
        "mistake-guard-around-all",
        "`You cannot use OriginValidator on a non-WebSocket connection`",
        "the_guard_takes_websocket_only",
    ),
    (
        LESSON,
        "mistake-swallowed",
        "The route that fits everything, standing first, takes the echo's path too.",
        "the_first_route_that_fits_is_taken",
    ),
    (
        LESSON,
        "leading-slash",
        '`path("/ws/echo/", …)` fits nothing.',
        "a_slash_in_front_fits_nothing",
    ),
    (
        LESSON,
        "mistake-bytes",
        "`got an unexpected keyword argument 'bytes_data'`, and the connection is cut.",
        "binary_is_handed_over_as_bytes_data",
    ),
    (
        LESSON,
        "communicator",
        "A communicator sends no `Origin`.",
        "a_communicator_names_no_origin_either",
    ),
    (
        LESSON,
        "communicator-empty",
        '`send_to(text_data="")` is an AssertionError.',
        "a_communicator_sends_no_empty_frame",
    ),
    (
        BY_HAND,
        "curl-answers",
        "These headers are answered with 101, or with 403 if the `Origin` does not suit.",
        "a_handshake_is_an_http_request",
    ),
    (
        BY_HAND,
        "cli",
        "`python -m websockets` names no origin and has no option for it; the refusal it prints.",
        "the_client_of_websockets_names_no_origin",
    ),
    (
        BY_HAND,
        "trap",
        "A handshake without an `Origin` is refused like one from a foreign page.",
        "the_guard_turns_away_all_but_the_own_hosts",
    ),
    (BY_HAND, "program", "The Python program runs.", "the_program_on_the_page_runs"),
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
    ("page", "anchor", "says", "proof"),
    STATEMENTS,
    ids=[f"{anchor}-{proof}" for _, anchor, _, proof in STATEMENTS],
)
def test_statement(page, anchor, says, proof, verdicts):
    assert verdicts[proof] is None, f"{page}#{anchor}: {says}\n\n{verdicts[proof]}"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("page", [LESSON, BY_HAND])
def test_every_statement_has_its_place_on_the_page(page, language):
    text = (REPOSITORY / "docs" / language / page).read_text(encoding="utf-8")
    anchors = set(re.findall(r"\{ #([\w-]+)", text))
    assert {anchor for where, anchor, _, _ in STATEMENTS if where == page} <= anchors


def test_every_proof_belongs_to_a_statement(verdicts):
    assert set(verdicts) == {proof for _, _, _, proof in STATEMENTS}
