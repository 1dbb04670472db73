"""Which named mistake a submission behaves like, and when nothing is said."""

import msgspec
import pytest

from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.signatures import (
    MistakesSignature,
    digest_of,
    read_signatures,
    write_signatures,
)
from channels_workshop.grading import resemblance
from channels_workshop.grading.resemblance import behaves_like, closest
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.signature import DOES_NOT_START, signature_of, way_of
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import message, verbatim

LESSON = find_lesson("3")


@pytest.mark.parametrize(
    ("signature", "named"),
    [
        ({"a": "1", "b": "2"}, "first"),
        ({"a": "1", "b": "2", "c": "3"}, "second"),
        ({"a": "1", "b": "other"}, None),  # the same checks, in another way
        ({"f": "6"}, None),  # one that fails one check more may be meant
        ({"x": "1"}, None),
        ({"d": "4"}, None),  # two mistakes show so
        ({}, None),
    ],
)
def test_the_nearest_is_named_and_silence_kept_where_none_is_near(signature, named):
    known = {
        "first": {"a": "1", "b": "2"},
        "second": {"a": "1", "b": "2", "c": "3", "e": "5"},
        "third": {"d": "4"},
        "fourth": {"d": "4"},
        "fifth": {"f": "6"},
        "sixth": {"f": "6", "g": "7"},
    }
    assert closest(signature, known) == named


def failure(text: str, /, **values: str) -> Failure:
    return Failure(message("the room hears it"), message(text, **values))


def verdict(**failures: Failure) -> Verdict:
    """Return a verdict on lesson 03 in which just these checks fail."""
    results = [
        Result(
            check.id,
            check.task,
            "fail" if check.id in failures else "pass",
            check.points,
            failures.get(check.id),
        )
        for check in LESSON.checks
    ]
    return Verdict(LESSON.name, "anna", results)


def test_a_way_is_that_of_the_sentences_and_not_of_what_fills_them():
    assert way_of(failure("“{text}” came", text="tea")) == way_of(
        failure("“{text}” came", text="rain")
    )
    assert way_of(failure("“{text}” came", text="tea")) != way_of(failure("nothing came"))


def test_what_breaks_another_sentence_fails_in_another_way():
    # Where both are no words but data, nothing else tells one failure from the other.
    one = Failure(verbatim("{}"), verbatim("[]"), sentences=["P1"])
    assert way_of(one) == way_of(Failure(verbatim("[1]"), verbatim("[2]"), sentences=["P1"]))
    assert way_of(one) != way_of(msgspec.structs.replace(one, sentences=["P2"]))


def test_a_project_that_does_not_start_is_told_by_its_exception():
    def broken(headline: str) -> Verdict:
        return Verdict(LESSON.name, "anna", broken=DoesNotRun(f"  File …\n{headline}"))

    one, same = broken("NameError: name 'tea'"), broken("NameError: name 'rain'")
    assert signature_of(one) == signature_of(same)
    assert signature_of(one).keys() == {DOES_NOT_START}
    assert signature_of(one) != signature_of(broken("KeyError: 'tea'"))


@pytest.fixture
def mistake(monkeypatch):
    """A mistake of lesson 03 of which it is known that it fails `leaves_its_group` so."""
    mistake = next(iter(LESSON.mistakes.values()))
    fails = signature_of(verdict(leaves_its_group=failure("nobody left")))
    known = {mistake.id: MistakesSignature(digest_of(mistake), fails)}
    monkeypatch.setattr(resemblance, "read_signatures", lambda folder: known)
    return mistake.id


def test_a_mistake_is_named(mistake):
    assert behaves_like(verdict(leaves_its_group=failure("nobody left")), LESSON) == mistake
    assert behaves_like(verdict(leaves_its_group=failure("somebody left")), LESSON) is None
    assert behaves_like(verdict(), LESSON) is None


@pytest.mark.parametrize(
    ("unwritten", "is_named"),
    [
        (["receive", "deliver"], True),
        (["deliver"], True),
        (["receive"], False),  # what comes after it passes, so it has been written, and is wrong
    ],
)
def test_tasks_that_nobody_has_come_to_say_nothing(mistake, unwritten, is_named):
    fails = {check.id: failure("!") for check in LESSON.checks if check.task in unwritten}
    so_far = verdict(leaves_its_group=failure("nobody left"), **fails)
    assert behaves_like(so_far, LESSON) == (mistake if is_named else None)


def test_what_is_known_of_a_mistake_that_has_changed_counts_no_more(mistake, monkeypatch):
    known = resemblance.read_signatures(LESSON.folder)
    old = {mistake: msgspec.structs.replace(known[mistake], digest="another")}
    monkeypatch.setattr(resemblance, "read_signatures", lambda folder: old)
    assert behaves_like(verdict(leaves_its_group=failure("nobody left")), LESSON) is None


def test_what_is_written_is_read(tmp_path):
    (tmp_path / "tests").mkdir()
    signatures = {"b": MistakesSignature("2", {}), "a": MistakesSignature("1", {"check": "way"})}
    write_signatures(tmp_path, signatures)
    assert read_signatures(tmp_path) == signatures
    lines = (tmp_path / "tests" / "signatures.json").read_text("utf-8").splitlines()
    assert [line[1:4] for line in lines[1:-1]] == ['"a"', '"b"'], "one line each, in order"
