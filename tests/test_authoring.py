"""What is said of several rounds of one trial, and of all trials of a lesson."""

from channels_workshop.authoring.trials import Outcome, Trial, merged, run_trial
from channels_workshop.authoring.verify import LessonProof
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import Message

TRIAL = Trial(find_lesson("3"), "mistake", "no_discard")


def test_one_round_is_what_it_is():
    outcome = Outcome(TRIAL, "fail", ["leaves_group"])
    assert merged([outcome]) is outcome


def test_what_was_wrong_in_any_round_is_wrong():
    right = Outcome(TRIAL, "fail", ["leaves_group", "like_the_reference"])
    wrong = Outcome(TRIAL, "pass", [], ["leaves_group says pass, not fail"])
    outcome = merged([right, wrong, right])
    assert outcome.status == "pass"
    assert outcome.failed == []
    assert outcome.wrong == ["round 2: leaves_group says pass, not fail"]


def test_a_check_catches_it_where_it_does_so_each_time():
    rounds = [
        Outcome(TRIAL, "fail", ["leaves_group", "like_the_reference"]),
        Outcome(TRIAL, "fail", ["leaves_group"]),
    ]
    outcome = merged(rounds)
    assert (outcome.status, outcome.failed, outcome.wrong) == ("fail", ["leaves_group"], [])


def test_a_check_that_no_mistake_fails_is_told_where_all_judged_each():
    lesson = TRIAL.lesson
    reference = Outcome(Trial(lesson, "reference"), "pass", [], ran=["leaves_group", "binary"])
    outcomes = [reference, Outcome(TRIAL, "fail", ["leaves_group"])]
    proof = LessonProof(lesson, outcomes, is_complete=True)
    assert (proof.unkilled_checks, proof.ok) == (["binary"], False)
    # By its own check alone, a mistake says nothing of the others.
    quick = LessonProof(lesson, outcomes, is_complete=True, is_thorough=False)
    assert (quick.unkilled_checks, quick.ok) == ([], True)


def test_a_mistake_that_only_breaks_its_check_is_not_caught():
    lesson = TRIAL.lesson
    trial = Trial(lesson, "mistake", next(iter(lesson.mistakes)))
    check = lesson.check(trial.mistake.expected)

    class Judge:
        def verdict(self, job):
            crash = Message("KeyError: 'a'")
            result = Result(check.id, check.task, "fail", 0, message=crash)
            return Verdict(lesson.name, job.target, [result])

    outcome = run_trial(trial, Judge(), thorough=False)
    assert outcome.wrong == [f"{check.id} itself is broken: KeyError: 'a'"]
