"""Every sentence of the pages about the pinned software, and the proof that it is true.

What is said, and where, stands in `statements/lesson_0N.toml`, the proofs beside it. They need
Django's settings, which are global, so each lesson's run together in one process of their own.
"""

import functools
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from channels_workshop.processes.redis import STAND_IN, find_program

REPOSITORY = Path(__file__).resolve().parents[1]
STATEMENTS = REPOSITORY / "tests" / "statements"
LESSONS = sorted(path.stem for path in STATEMENTS.glob("*.toml"))


class Statement(NamedTuple):
    """Where it stands, what it says, and what proves it: one of the proofs, or `file::test`."""

    page: str
    anchor: str
    says: str
    proof: str

    @property
    def is_proved_elsewhere(self) -> bool:
        return "::" in self.proof


def statements_of(lesson: str) -> list[Statement]:
    text = (STATEMENTS / f"{lesson}.toml").read_text(encoding="utf-8")
    return [Statement(**row) for row in tomllib.loads(text)["statements"]]


@functools.cache
def verdicts(lesson: str) -> dict[str, str | None]:
    """Return each proof's name, with None or the traceback of its failure."""
    if lesson == "lesson_06" and find_program()[0] == STAND_IN:
        pytest.skip("a Redis is missing: install redis-server or valkey-server")
    run = subprocess.run(
        [sys.executable, str(STATEMENTS / f"{lesson}.py")], capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("lesson", "statement"),
    [
        pytest.param(lesson, statement, id=f"{lesson}-{statement.anchor}-{statement.proof}")
        for lesson in LESSONS
        for statement in statements_of(lesson)
    ],
)
def test_it_is_true(lesson, statement):
    if statement.is_proved_elsewhere:  # where it is run too: here, that it is there
        file, _, test = statement.proof.partition("::")
        text = (REPOSITORY / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE)
        return
    failure = verdicts(lesson)[statement.proof]
    assert failure is None, f"{statement.page}#{statement.anchor}: {statement.says}\n\n{failure}"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_it_stands_where_it_should(lesson, language):
    for page in {statement.page for statement in statements_of(lesson)}:
        text = (REPOSITORY / "docs" / language / page).read_text(encoding="utf-8")
        anchors = set(re.findall(r"\{ #([\w-]+)", text))
        assert {each.anchor for each in statements_of(lesson) if each.page == page} <= anchors


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_proof_belongs_to_a_statement(lesson):
    named = {each.proof for each in statements_of(lesson) if not each.is_proved_elsewhere}
    assert set(verdicts(lesson)) == named
