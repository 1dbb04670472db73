"""Who is stuck on what, what most have wrong, and what a class comes to: from events, and no clock."""

import pytest

from channels_workshop.stage.board.alike import alike
from channels_workshop.stage.board.attention import PATIENCE, attention
from channels_workshop.stage.board.course import course_here
from channels_workshop.stage.board.ledger import Event, Learner
from channels_workshop.stage.board.messages import (
    Answered,
    Asked,
    Checked,
    CodeShown,
    Hand,
    Judged,
    Lowered,
    Turned,
)
from channels_workshop.stage.board.seats import PAUSE, Seat, Seats
from channels_workshop.stage.board.summary import summary
from class_progress import LESSON, recorded
from simulated_class import KINDS, LENGTH, simulated

COURSE = course_here()
NAME = LESSON.name
FIRST, SECOND = (task.id for task in LESSON.tasks[:2])
CHECK, OTHER = (check.id for check in LESSON.checks_of(LESSON.tasks[0])[:2])
#: Seconds after it was new, when nothing new makes somebody stuck.
LATE = PATIENCE + 1


def seat_after(*steps, number=1):
    """Return the seat of a learner after steps, `(second, what)`."""
    seat = Seat(Learner(number, f"learner {number}", 0.0))
    for own, (at, what) in enumerate(steps, 1):
        done = isinstance(what, Asked | Lowered)
        seat.add(Event(own, number, None if done else own, float(at), what))
    return seat


def fails(check=CHECK, way="a", task=FIRST, known=None):
    return Checked(NAME, task, check, "fail", way, known)


def passes(check=CHECK, task=FIRST):
    return Checked(NAME, task, check, "pass")


def kind_of(seat, now, present=True):
    return attention(seat, COURSE, now, present).kind


def why(seat, now):
    return str(attention(seat, COURSE, now, True).why)


AT_FIRST = (0, Turned(NAME, FIRST))
SAVED = Judged(NAME)


# ---- Stuck, or moving.


def test_the_same_failure_again_and_again():
    seat = seat_after(AT_FIRST, (10, fails()), *((at, SAVED) for at in (10, 60, 110)))
    assert kind_of(seat, 10 + PATIENCE - 1) == "moving"
    assert kind_of(seat, 10 + LATE) == "stuck"
    assert why(seat, 10 + LATE) == "the same failure again: 2 saves"
    assert attention(seat, COURSE, 10 + LATE, True).since == 10


def test_silence_after_a_failure():
    seat = seat_after(AT_FIRST, (10, fails()), (10, SAVED))
    assert why(seat, 10 + LATE) == "a check fails, and nothing new since"


def test_another_failure_is_something_new_and_an_earlier_one_is_not():
    steps = [AT_FIRST]
    for at, way in ((10, "a"), (60, "b"), (110, "a"), (160, "b"), (210, "a")):
        steps += [(at, fails(way=way)), (at, SAVED)]
    seat = seat_after(*steps)
    assert seat.moved_at == 60
    assert why(seat, 60 + LATE) == "goes round between the same failures: 3 saves"
    moving = seat_after(*steps, (220, fails(way="c")), (220, SAVED))
    assert kind_of(moving, 60 + LATE) == "moving"


def test_a_check_that_passes_for_the_first_time_is_something_new():
    steps = [AT_FIRST, (10, fails()), (10, fails(OTHER)), (10, SAVED)]
    assert seat_after(*steps, (100, passes(OTHER)), (100, SAVED)).moved_at == 100
    lost_again = [*steps, (100, passes(OTHER)), (110, fails(OTHER)), (120, passes(OTHER))]
    assert seat_after(*lost_again).moved_at == 100


def test_what_does_not_start():
    broken = Judged(NAME, "syntax")
    seat = seat_after(AT_FIRST, *((at, broken) for at in (10, 50, 90)))
    assert why(seat, 10 + LATE) == "does not start, for the same reason: 2 saves"
    assert kind_of(seat_after(AT_FIRST, (10, broken), (50, SAVED)), 10 + LATE) == "moving"


def test_who_reads_is_not_stuck_until_the_plans_minutes_are_over():
    seat = seat_after(AT_FIRST, (10, SAVED))
    minutes = LESSON.tasks[0].minutes
    assert kind_of(seat, 9 + 60 * minutes) == "moving"
    assert kind_of(seat, 11 + 60 * minutes) == "stuck"


def test_another_task_begins_anew():
    seat = seat_after(
        AT_FIRST, (10, fails()), (10, SAVED), (20, passes()), (20, Turned(NAME, SECOND))
    )
    assert kind_of(seat, 20 + LATE) == "moving"
    assert seat.finished == {(NAME, FIRST)}


def test_away_done_not_begun_and_late():
    seat = seat_after(AT_FIRST, (10, fails()), (10, SAVED))
    assert kind_of(seat, 10 + LATE, present=False) == "away"
    assert kind_of(seat_after((0, Turned(NAME, stage="passed"))), 9_999) == "passed"
    assert kind_of(seat_after((0, Turned(NAME, stage="not_started"))), 9_999) == "not_started"
    assert kind_of(seat_after(), 9_999) == "not_started"
    busy = [(at, passes(f"check_{at}")) for at in range(60, 2_400, 60)]
    assert kind_of(seat_after(AT_FIRST, *busy), 2_400) == "late"


# ---- Minutes, hands, consent.


def test_minutes_at_a_task_without_the_breaks():
    seat = seat_after(AT_FIRST, (60, SAVED), (60 + 10 * PAUSE, SAVED))
    assert seat.seconds_at_task(60 + 10 * PAUSE + 30) == 60 + PAUSE + 30
    back = seat_after(
        AT_FIRST, (100, Turned(NAME, SECOND)), (150, Turned(NAME, FIRST)), (200, SAVED)
    )
    assert back.seconds_at_task(210) == 160
    assert back.spent[NAME, SECOND] == 50


def test_a_hand_is_up_until_it_is_seen_and_may_go_up_again():
    assert seat_after((5, Hand(True))).hand_at == 5
    assert seat_after((5, Hand(True)), (6, Hand(False))).hand_at is None
    assert seat_after((5, Hand(True)), (6, Lowered(1))).hand_at is None
    assert seat_after((5, Hand(True)), (6, Lowered(1)), (7, Hand(True))).hand_at == 7


def test_help_is_offered_until_it_is_answered():
    assert seat_after((5, Asked())).asked_at == 5
    answered = seat_after((5, Asked()), (6, Answered(True)), (6, CodeShown(True)))
    assert (answered.asked_at, answered.answer, answered.shows_code) == (None, True, True)
    assert seat_after((5, Asked()), (6, Answered(False)), (7, Asked())).answer is None


# ---- What most have wrong.


def test_failures_alike_are_counted_by_check_and_way():
    seven = [seat_after(AT_FIRST, (1, fails()), number=n) for n in range(7)]
    two = [seat_after(AT_FIRST, (1, fails(way="b")), number=n) for n in (7, 8)]
    one = [seat_after(AT_FIRST, (1, fails(OTHER)), number=9)]
    passed = [seat_after(AT_FIRST, (1, fails()), (2, passes()), number=10)]
    found = alike([*two, *seven, *one, *passed], COURSE)
    assert [(group.check, group.way, len(group.learners)) for group in found] == [
        (CHECK, "a", 7),
        (CHECK, "b", 2),
    ]


def test_further_checks_of_the_same_learners_are_one_cause():
    both = [seat_after(AT_FIRST, (1, fails()), (1, fails(OTHER)), number=n) for n in range(3)]
    (group,) = alike(both, COURSE)
    assert (group.check, group.beside) == (CHECK, 1)
    more = [*both, seat_after(AT_FIRST, (1, fails(OTHER)), number=9)]
    assert [(group.check, len(group.learners)) for group in alike(more, COURSE)] == [(OTHER, 4)]


def test_what_does_not_start_and_known_errors_are_told():
    known = LESSON.known_errors[0]
    broken = [
        seat_after(AT_FIRST, (1, Judged(NAME, "x", known.id)), number=number) for number in (1, 2)
    ]
    (group,) = alike(broken, COURSE)
    assert group.check is None
    assert group.like.spoken("ru") == known.title.ru


def test_what_another_version_knows_is_called_by_its_id():
    seat = seat_after(
        (0, Turned("99_tea", "brew")), (1, Checked("99_tea", "brew", "hot", "fail", "cold"))
    )
    other = seat_after(
        (0, Turned("99_tea", "brew")),
        (1, Checked("99_tea", "brew", "hot", "fail", "cold")),
        number=2,
    )
    (group,) = alike([seat, other], COURSE)
    assert str(COURSE.check_title(group.lesson, group.check)) == "hot"
    assert kind_of(seat, 1 + LATE) == "stuck"


# ---- What a class comes to.


def class_of(*stories):
    seats, events = Seats(), []
    seats.admit(Learner(number, f"Name {number}", 0.0) for number in range(1, len(stories) + 1))
    for learner, story in enumerate(stories, 1):
        for own, (at, what) in enumerate(story, 1):
            events.append(Event(len(events) + 1, learner, own, float(at), what))
            seats.add(events[-1])
    return seats, events


def finishes(seconds):
    return [AT_FIRST, (seconds, passes()), (seconds, Turned(NAME, SECOND))]


def test_minutes_are_those_of_all_who_finished():
    seats, events = class_of(*(finishes(60 * minutes) for minutes in (6, 7, 8, 9, 10)))
    (row,) = summary(seats, events, COURSE).tasks
    assert (row.task, row.learners) == (FIRST, 5)
    assert (row.lower, row.middle, row.upper) == (7, 8, 9)
    assert row.planned == LESSON.tasks[0].minutes == 15
    assert row.corrected == 8


def test_no_figure_is_about_a_few():
    story = [AT_FIRST, (1, fails()), (2, Judged(NAME, "x"))]
    seats, events = class_of(finishes(60), finishes(70), story, story)
    found = summary(seats, events, COURSE)
    assert (found.learners, found.tasks, found.mistakes) == (4, [], [])
    seats, events = class_of(*[story] * 3, *[finishes(60)] * 4)
    found = summary(seats, events, COURSE)
    assert [(row.check, row.learners) for row in found.mistakes] == [(CHECK, 3), (None, 3)]
    assert [row.corrected for row in found.tasks] == [None]  # four know too little
    assert "Name" not in repr(found)


# ---- A whole class, without a clock and without a network.


@pytest.mark.parametrize("seed", [1, 7])
def test_of_two_hundred_all_who_are_stuck_are_found_and_hardly_anybody_else(seed):
    within, alarms = 180, {}
    stories = simulated(seed, recorded())
    for number, story in enumerate(stories):
        seat = Seat(Learner(number, story.name, 0.0))
        steps = iter([*story.steps, (float("inf"), None)])
        at, what = next(steps)
        for now in range(0, int(LENGTH) + 1, 5):
            while at <= now:
                seat.add(Event(1, number, 1, at, what))
                at, what = next(steps)
            if attention(seat, COURSE, now, True).is_alarm:
                alarms.setdefault(story.name, now)
    planted = [story for story in stories if story.stuck and story.since <= LENGTH - within]
    assert {story.stuck for story in planted} == set(KINDS)
    assert len(planted) >= 12
    assert all(alarms[story.name] - story.since <= within for story in planted)
    assert len([story for story in stories if not story.stuck and story.name in alarms]) <= 1
