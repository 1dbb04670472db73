"""The task “Your own page” of lesson 03: its checks pass the finished script, and fail what is wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.browser import can_drive, find_browser

# Left to .ci/run, and to a machine that has a browser.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (find_browser() and can_drive()), reason="needs Chromium and playwright"
    ),
]

OVERLAY = find_lesson("03").folder / "further" / "page"
SCRIPT = Path("chat/static/chat/chat.js")
FINISHED = (OVERLAY / SCRIPT).read_text(encoding="utf-8")

#: What is changed in the finished script, and the check that must fail then.
MISTAKES = {
    "markup": ("line.textContent", "line.innerHTML", "test_markup_stays_text"),
    "address": ("encodeURIComponent(room)", "room", "test_it_connects"),
    "final": ("FINAL_CLOSES.includes(code)", "false", "test_it_stays_away"),
    "only_broken": ("FINAL_CLOSES.includes(code)", "code !== 1012", "test_it_comes_back"),
    "never": ("setTimeout(connect,", "void (0,", "test_it_comes_back"),
    "no_jitter": ("Math.random()", "1", "test_its_delays_are_random_and_grow"),
    "no_growth": ("failures += 1;", "", "test_its_delays_are_random_and_grow"),
    "echo": (
        "socket.send(",
        "show({ message: input.value }); socket.send(",
        "test_a_message_reaches_both_tabs_once",
    ),
    "lost": (
        'notice.textContent = "Not sent',
        'input.value = ""; notice.textContent = "Not sent',
        "test_without_a_connection_the_text_is_kept",
    ),
    "silent": ("notice.textContent = frame.detail;", "", "test_an_error_is_shown"),
    "any_type": (
        "frame.type === undefined",
        "true",
        "test_a_frame_of_an_unknown_type_is_not_shown",
    ),
}


def judged(folder, script, *options):
    """Return what the checks of the task print about a script, as a learner has them run."""
    (folder / SCRIPT).parent.mkdir(parents=True)
    (folder / SCRIPT).write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rA"]
    return subprocess.run(
        [*command, str(OVERLAY / "tests"), "--target", str(folder), *options],
        capture_output=True,
        encoding="utf-8",
    ).stdout


def test_the_finished_script_passes_and_the_stub_fails_everywhere(tmp_path):
    finished = judged(tmp_path / "finished", FINISHED)
    assert "FAILED" not in finished
    assert "PASSED" in finished
    stub = judged(tmp_path / "stub", (OVERLAY / "stubs" / "chat.js").read_text(encoding="utf-8"))
    assert "PASSED" not in stub
    assert stub.count("FAILED") == finished.count("PASSED")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_caught(tmp_path, mistake):
    right, wrong, check = MISTAKES[mistake]
    assert FINISHED.count(right) == 1
    printed = judged(tmp_path, FINISHED.replace(right, wrong), "-k", check)
    assert re.search(rf"^FAILED .*::{check}", printed, re.MULTILINE), printed
