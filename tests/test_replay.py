"""A seed alone decides what is generated: never what was judged before, or how often."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop.authoring.trials import Outcome, Trial
from channels_workshop.authoring.verify import Luck, luck_in
from channels_workshop.course.lessons import find_lesson

STORIES = Path(__file__).with_name("told_stories.py")


def told(*arguments: str) -> dict[str, list[str]]:
    run = subprocess.run(
        [sys.executable, "-P", str(STORIES), *arguments], capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
def test_stories_are_the_same_in_whatever_order_lessons_are_judged():
    seeds = "7,8"
    one_way, other_way = told(seeds, "2", "3"), told(seeds, "3", "2")
    assert one_way == other_way
    assert all(one_way.values())


def test_constants_of_local_modules_are_not_mixed_in(tmp_path):
    constants = [f"constant-{number}" for number in range(500)]
    (tmp_path / "constants.py").write_text(f"WORDS = {constants!r}\n", encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from hypothesis import given, settings, seed, strategies as st\n"
        "from channels_workshop.judging.replay import depend_on_the_seed_alone\n"
        "depend_on_the_seed_alone()\n"
        "def words():\n"
        "    drawn = []\n"
        "    @seed(1)\n"
        "    @settings(database=None, max_examples=300)\n"
        "    @given(st.text())\n"
        "    def draw(text):\n"
        "        drawn.append(text)\n"
        "    draw()\n"
        "    return drawn\n"
        "before = words()\n"
        "import constants\n"
        "after = words()\n"
        "assert len(before) == 300\n"
        "assert before == after\n",
        encoding="utf-8",
    )
    run = subprocess.run([sys.executable, str(script)], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr


# ---- What hangs on the seed.

TRIAL = Trial(find_lesson("3"), "mistake", "no_discard")


def rounds(*failed: list[str]) -> dict[int, Outcome]:
    return {number: Outcome(TRIAL, "fail", checks) for number, checks in enumerate(failed)}


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ([["a"]], []),
        ([["a"], ["a"]], []),
        ([["a", "b"], ["a"], ["a"]], [Luck(TRIAL, "b", [1, 2], 3)]),
        ([[], ["a"]], [Luck(TRIAL, "a", [0], 2)]),
    ],
)
def test_a_check_that_fails_in_some_rounds_only_is_luck(failed, expected):
    assert luck_in(TRIAL, rounds(*failed)) == expected
