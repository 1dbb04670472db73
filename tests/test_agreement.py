"""The agreements: every sentence has a check that is worth points, every freedom is taken."""

from contextlib import ExitStack

import pytest

from channels_workshop.course.agreement import BrokenAgreement, read_agreement
from channels_workshop.course.extension import extended, extensions
from channels_workshop.course.lessons import all_lessons

# Assembled in a folder of their own, which is to stay as long as this process.
_ASSEMBLED = ExitStack()
LESSONS = all_lessons()
LESSONS += [
    _ASSEMBLED.enter_context(extended(lesson, name))
    for lesson in LESSONS
    for name in extensions(lesson)
]


@pytest.fixture(scope="module", autouse=True)
def _remove_what_was_assembled():
    yield
    _ASSEMBLED.close()


ENGLISH = """
# A lesson

- **R1** A name is one line,
  of 1 to 200 characters.
- **Z1** The rest is up to you.

| | Path | Answer |
|---|---|---|
| **P1** | `GET /` | The page, `a\\|b`. |
| **P2** | any other | |
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("README.md", "README.ru.md"):
        (tmp_path / name).write_text(ENGLISH, encoding="utf-8")
    return tmp_path


def test_sentences_are_items_and_rows(folder):
    agreement = read_agreement(folder)
    assert {name: words.en for name, words in agreement.items()} == {
        "R1": "A name is one line, of 1 to 200 characters.",
        "Z1": "The rest is up to you.",
        "P1": "`GET /`: The page, `a|b`.",
        "P2": "any other",
    }


def test_both_languages_have_the_same(folder):
    (folder / "README.ru.md").write_text(ENGLISH.replace("R1", "R2"), encoding="utf-8")
    with pytest.raises(BrokenAgreement, match="no sentence R1, R2"):
        read_agreement(folder)


def test_an_id_stands_once(folder):
    (folder / "README.md").write_text(ENGLISH.replace("P2", "P1"), encoding="utf-8")
    with pytest.raises(BrokenAgreement, match="P1 stands twice"):
        read_agreement(folder)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_sentence_has_a_check_with_points(lesson):
    # For points a learner needs nothing that has to be installed: see the design of the checks.
    graded = {
        name
        for check in lesson.checks
        if check.points and not set(check.needs) - {"redis"}
        for name in check.sentences
    }
    assert [name for name in lesson.promises if name not in graded] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_check_names_the_sentences_that_it_checks(lesson):
    silent = [check.id for check in lesson.checks if check.points and not check.sentences]
    named = {name for check in lesson.checks for name in check.sentences}
    assert silent == []
    assert sorted(named - set(lesson.promises)) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_freedom_is_taken_by_a_right_solution(lesson):
    taken = {name for freedom in lesson.freedoms.values() for name in freedom.takes}
    assert [name for name in lesson.left_open if name not in taken] == []
