"""Marks by a policy: points, required checks, deadlines over clock changes, and what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.errors import WorkshopError
from channels_workshop.grading.explaining import explain
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.lateness import days_late, due_at
from channels_workshop.grading.marks import mark
from channels_workshop.grading.policy import Policy, read_policy, unknown_students
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import message, verbatim

LESSON = find_lesson("03")
BERLIN = ZoneInfo("Europe/Berlin")
TOO_LATE = (
    "late by 6 days, after 2 nothing counts: handed in 2026-10-25 02:00, due 2026-10-19 23:59 "
    "(Europe/Berlin)"
)
ALL = sum(check.points for check in LESSON.checks)
#: Worth two points, in the task `join`.
FIRST = "joins_its_group"


def graded(*failing, student="anna", at=None, verdict=True, **changes):
    """Return a submission in which the checks named `failing` fail and all others pass."""
    results = [
        Result(check.id, check.task, "fail" if check.id in failing else "pass", check.points)
        for check in LESSON.checks
    ]
    values = {
        "status": "fail" if failing else "pass",
        "verdict": Verdict(LESSON.name, "target", results) if verdict else None,
        "handed_in_at": at,
        **changes,
    }
    return Graded(
        student=student,
        lesson=LESSON.name,
        source="anna.zip",
        max_score=ALL,
        sandbox="strong",
        seed=7,
        fingerprint="abc",
        **values,
    )


@pytest.fixture
def policy(tmp_path):
    """Return what reads the text of a policy."""

    def read(text):
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return read_policy(path, [LESSON, find_lesson("04")])

    return read


def marked(submission, policy=None, private=()):
    return mark(submission, policy or Policy(), LESSON, private)


def reasons(mark):
    """Return the reasons of the steps that are no check that passes, in English."""
    return [step.why.spoken("en") for step in mark.steps if step.of == 0 or step.points < step.of]


# ---- Points.


def test_without_a_policy_each_check_has_its_own_points():
    full, partial = marked(graded()), marked(graded(FIRST))
    assert (full.points, full.of, full.percent) == (ALL, ALL, 100)
    assert (partial.points, partial.of) == (ALL - 2, ALL)
    assert reasons(partial) == ["fails: “Tabs on one room share a group”"]
    assert (full.grade, full.passed) == (None, None)


def test_steps_add_up_to_the_points(policy):
    rules = policy("""
zone = "Europe/Berlin"
late = { per_day = 7, at_most = 50 }
[lessons.3]
deadline = 2026-10-19T23:59:00
tasks = { join = 10, deliver = 7 }
checks = { binary = 0.5 }
required = { refuses_bad_names = 70 }
""")
    late = datetime(2026, 10, 21, 9, tzinfo=UTC)
    for failing in ([], [FIRST], ["refuses_bad_names"], ["binary", "lobby", "every_script"]):
        result = marked(graded(*failing, at=late), rules)
        assert round(sum(step.points for step in result.steps), 2) == result.points
        assert 0 <= result.points <= result.of


def test_a_tasks_points_are_shared_without_a_rest(policy):
    rules = policy("[lessons.03]\ntasks = { join = 10, leave = 1, receive = 0, deliver = 0 }")
    result = marked(graded(), rules)
    join = [step.of for step in result.steps if LESSON.check(step.check).task == "join"]
    assert (result.points, result.of) == (11, 11)
    assert round(sum(join), 2) == 10
    assert max(join) == pytest.approx(2 * min(join), abs=0.02)


def test_a_checks_points_can_be_changed(policy):
    rules = policy("[lessons.03_chat_consumer.checks]\njoins_its_group = 20\nlobby = 0")
    assert marked(graded(FIRST), rules).of == ALL + 18 - 1
    assert marked(graded(FIRST), rules).points == ALL - 2 - 1
    assert marked(graded("lobby"), rules).percent == 100


def test_a_mark_is_capped_without_a_required_check(policy):
    rules = policy("[lessons.03]\nrequired = { joins_its_group = 40, lobby = 60 }")
    capped = marked(graded(FIRST, "lobby"), rules)
    assert capped.points == ALL * 40 / 100
    assert reasons(capped)[-1] == (
        "at most 40 %, since this check is required and does not pass: “Tabs on one room share a "
        "group”"
    )
    assert marked(graded("binary"), rules).points == ALL - 1


def test_a_cap_of_nothing_leaves_nothing(policy):
    rules = policy("[lessons.03]\nrequired = { joins_its_group = 0 }")
    assert marked(graded(FIRST), rules).points == 0


def test_a_boundary_is_reached_or_not_to_the_hundredth(policy):
    rules = policy("""
pass_mark = 50
grades = { "5" = 85, "4" = 70, "3" = 50 }
[lessons.03]
checks = { joins_its_group = 15.01, binary = 84.99 }
tasks = { leave = 0, deliver = 0 }
""")
    others = [one.id for one in LESSON.checks if one.id not in (FIRST, "binary")]
    zero = policy(
        'grades = { "5" = 85, "4" = 70, "3" = 50 }\npass_mark = 50\n[lessons.03.checks]\n'
        + "".join(f"{id} = 0\n" for id in others)
        + "joins_its_group = 15.01\nbinary = 84.99\n"
    )
    just_below = marked(graded(FIRST), zero)
    assert (just_below.points, just_below.percent) == (84.99, 84.9)
    assert (just_below.grade, just_below.passed) == ("4", True)
    assert marked(graded("binary"), zero).grade is None
    assert marked(graded("binary"), zero).passed is False
    assert marked(graded(), rules).grade == "5"


# ---- Why there is nothing.


def test_our_fault_is_no_zero(policy):
    rules = policy("pass_mark = 50")
    result = marked(graded(verdict=False, status="error", reason=message("disk full")), rules)
    assert (result.points, result.percent, result.grade, result.passed) == (None, None, None, None)
    assert reasons(result) == ["not marked, and that is our fault: disk full"]


def test_every_zero_says_its_own_reason(policy):
    rules = policy("""
zone = "Europe/Berlin"
deadline = 2026-10-19T23:59:00
late = { per_day = 10, days = 2 }
""")
    nothing = graded(verdict=False, status="not_graded", reason=message("the archive is empty"))
    broken = graded(status="fail", at=datetime(2026, 10, 19, tzinfo=UTC))
    broken.verdict.broken = DoesNotRun("NameError: x", "chat/consumers.py", 3)
    late = graded(at=datetime(2026, 10, 25, tzinfo=UTC))
    found = [marked(one, rules) for one in (nothing, broken, late)]
    assert [one.points for one in found] == [0, 0, 0]
    assert [one.of for one in found] == [ALL, ALL, ALL]
    assert [reasons(one) for one in found] == [
        ["nothing was judged: the archive is empty"],
        ["the project does not start: NameError: x (chat/consumers.py:3)"],
        [TOO_LATE],
    ]


def test_what_could_not_be_run_here_counts_for_nobody():
    submission = graded()
    first = submission.verdict.checks[0]
    first.status, first.points = "not_run", 0
    result = marked(submission)
    assert (result.points, result.of, result.percent) == (ALL - 2, ALL - 2, 100)
    assert reasons(result)[0].startswith("could not be run here")


def test_what_was_left_out_gives_no_points():
    submission = graded(FIRST)
    second = submission.verdict.checks[1]
    second.status, second.is_left_out = "not_run", True
    second.message = message("Left out: same cause as “{check}”.", check="x")
    result = marked(submission)
    assert (result.points, result.of) == (ALL - 3, ALL)
    assert reasons(result)[1].startswith("was not judged: “Two rooms are two groups”. Left out")


def test_a_submission_of_no_lesson_has_a_mark_too():
    nothing = graded(verdict=False, status="not_graded", reason=message("no lesson’s files"))
    assert mark(nothing, Policy(), None).points == 0


def test_a_check_that_the_lesson_does_not_have_is_private():
    submission = graded()
    submission.verdict.checks.append(Result("secret", "join", "fail", 3))
    result = marked(submission, private=[FIRST])
    assert result.private == [FIRST, "secret"]
    assert (result.points, result.of) == (ALL, ALL + 3)


# ---- Lateness, in calendar days.

SPRING, AUTUMN = datetime(2026, 3, 28, 23, 59), datetime(2026, 10, 24, 23, 59)


@pytest.mark.parametrize("deadline", [SPRING, AUTUMN], ids=["a day of 23 h", "a day of 25 h"])
def test_a_day_late_is_a_calendar_day(deadline):
    """Over the night in which the clocks change, too."""
    due = deadline.replace(tzinfo=BERLIN)
    second, minute = timedelta(seconds=1), timedelta(minutes=1)

    def local(days, less=timedelta(0)):
        return ((deadline + timedelta(days=days) - less).replace(tzinfo=BERLIN)).astimezone(UTC)

    assert days_late(due.astimezone(UTC), due) == 0
    assert days_late(due.astimezone(UTC) + second, due) == 1
    assert days_late(local(1), due) == 1
    assert days_late(local(1) + minute, due) == 2
    assert days_late(local(2, less=minute), due) == 2
    assert days_late(local(7), due) == 7
    hours = (local(1) - due.astimezone(UTC)) / timedelta(hours=1)
    assert hours == (23 if deadline is SPRING else 25)


def test_the_hour_that_comes_twice_is_told_apart():
    """02:30 in summer time is before a deadline at 02:15 in winter time, and not late."""
    due = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)
    assert days_late(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0), due) == 0
    assert days_late(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), due) == 1


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00"),  # twice: the later
        ("2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"),  # never: after it
        ("2026-10-19T23:59:00+03:00", "2026-10-19T22:59:00+02:00"),
    ],
)
def test_a_doubtful_clock_time_is_no_students_loss(policy, written, due):
    rules = policy(f'zone = "Europe/Berlin"\nlate = {{}}\ndeadline = {written}')
    found = due_at(rules, "anna", LESSON.name)
    assert found.isoformat() == due


def late_policy(policy, deadline="2026-10-24T23:59:00", rest=""):
    return policy(f"""
zone = "Europe/Berlin"
late = {{ per_day = 10, at_most = 30, days = 7 }}
deadline = {deadline}
{rest}
""")


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2026-10-24T23:59:00+02:00", 100),
        ("2026-10-25T23:59:00+01:00", 90),
        ("2026-10-26T00:10:00+01:00", 80),
        ("2026-10-29T12:00:00+01:00", 70),
        ("2026-11-01T12:00:00+01:00", 0),
    ],
)
def test_lateness_costs_a_share_for_each_day(policy, at, left):
    result = marked(graded(at=datetime.fromisoformat(at)), late_policy(policy))
    assert result.points == ALL * left / 100


def test_lateness_can_cost_a_share_of_all_points(policy):
    rules = policy("""
zone = "UTC"
deadline = 2026-10-24T00:00:00
late = { per_day = 50, of = "total" }
""")
    late = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert marked(graded(FIRST, at=late), rules).points == ALL - 2 - ALL * 0.5
    # What is taken off is never more than there is.
    assert marked(graded(*[one.id for one in LESSON.checks], at=late), rules).points == 0


def test_a_deadline_that_moves_changes_marks_and_needs_no_new_run(policy):
    submission = graded(at=datetime(2026, 10, 26, 12, tzinfo=UTC))
    assert marked(submission, late_policy(policy)).days_late == 2
    moved = marked(submission, late_policy(policy, "2026-10-27T23:59:00"))
    assert (moved.days_late, moved.points) == (0, ALL)


def test_an_extension_is_a_later_deadline(policy):
    rest = '[[extensions]]\nstudent = "Андрей"\nlesson = "3"\ndays = 2'
    rules = late_policy(policy, rest=rest)
    at = datetime(2026, 10, 26, 22, 59, tzinfo=UTC)
    decomposed = "Андреи\u0306"
    result = marked(graded(student=decomposed, at=at), rules)
    assert (result.points, result.days_late) == (ALL, 0)
    assert reasons(result) == [
        "in time: handed in 2026-10-26 23:59, due 2026-10-26 23:59 by extension (Europe/Berlin)"
    ]
    late = marked(graded(student="Андрей", at=at + timedelta(minutes=1)), rules)
    assert late.days_late == 1
    assert marked(graded(student="anna", at=at), rules).days_late == 2


def test_the_latest_extension_counts(policy):
    rest = """
[[extensions]]
student = "anna"
days = 1
[[extensions]]
student = "anna"
until = 2026-11-01T12:00:00
"""
    rules = late_policy(policy, rest=rest)
    assert due_at(rules, "anna", LESSON.name) == datetime(2026, 11, 1, 12, tzinfo=BERLIN)
    assert unknown_students(rules, ["Anna", "boris"]) == ["anna"]


def test_what_tells_no_time_is_not_late(policy):
    result = marked(graded(at=None), late_policy(policy))
    assert result.points == ALL
    assert reasons(result) == ["nothing tells when it was handed in: not counted as late"]


def test_a_lesson_may_have_rules_of_its_own(policy):
    rules = late_policy(policy, rest="[lessons.04]\nlate = { per_day = 1 }\npass_mark = 60")
    assert rules.rules("03_chat_consumer").late.per_day == 10
    assert rules.rules("04_online_counter").late.per_day == 1
    assert rules.rules("04_online_counter").deadline == rules.deadline
    assert rules.rules("04_online_counter").pass_mark == 60


# ---- What is refused: file, line and fix.

DUE = 'zone = "UTC"\ndeadline = 2026-10-19T10:00:00\nlate = {}\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('\nzone = "Europe/Moskow"', 2, "Did you mean Europe/Moscow,"),
        ('zone = "yekaterinburg"', 1, "Did you mean Asia/Yekaterinburg"),
        ('zone = "nowhere at all"', 1, "Write a name such as"),
        ("zone = 3", 1, "Write the name of a time zone"),
        ("\ndedline = 3", 2, "Did you mean deadline?"),
        ("late = { per_dya = 3 }", 1, "Did you mean per_day?"),
        ("\ndeadline = 2026-10-19", 2, "Write a date and a time"),
        ('zone = "UTC"\ndeadline = 2026-10-19T10:00:00', 2, "what it costs to be late"),
        ("[lessons.3]\ndeadline = 2026-10-19T10:00:00", 2, "needs a time zone"),
        ("pass_mark = 101", 1, "from 0 to 100"),
        ("late = { per_day = nan }", 1, "from 0 to 100"),
        ("late = 3", 1, "late = { per_day"),
        ("grades = { a = 1, b = 1 }", 1, "begin at the same percentage"),
        ("[lessons.7]", 1, "There are: 03_chat_consumer"),
        ("[lessons.3]\n\n[lessons.03]", 3, "Put them together"),
        ("[lessons.3.checks]\nlobby = 1\n\nbinari = 1", 4, "Did you mean binary?"),
        ("[lessons.3.checks]\nlobby = 1\n\nbinary = 'x'", 4, "from 0 to 1000"),
        ("[lessons.3]\nrequired = { x = 1 }", 2, "has no check “x”"),
        ("[lessons.3]\ntasks = { joni = 1 }", 2, "Did you mean join?"),
        ("[lessons.3]\ntasks = { join = 1 }\nchecks = { lobby = 1 }", 3, "Leave out one"),
        (
            "[lessons.3]\ntasks = { join = 0, leave = 0, receive = 0, deliver = 0 }",
            1,
            "no check is worth a point",
        ),
        ("[[extensions]]\ndays = 1", 1, "Write the student’s name"),
        ('[[extensions]]\nstudent = "a"', 1, "Write one of the two"),
        ('[[extensions]]\nstudent = "a"\ndays = 1', 1, "no deadline that could be extended"),
        (DUE + '[[extensions]]\nstudent = "b"\nuntil = 2026-10-01T10:00:00', 6, "a later date"),
        ('[[extensions]]\nstudent = "a"\nlesson = "9"\ndays = 1', 3, "no lesson “9”"),
    ],
)
def test_a_complaint_names_the_line_and_the_fix(policy, tmp_path, text, line, says):
    with pytest.raises(WorkshopError) as refused:
        policy(text)
    assert str(refused.value).startswith(f"{tmp_path / 'policy.toml'}:{line}: ")
    assert says in str(refused.value)
    assert refused.value.fix


def test_what_is_no_toml_is_refused_with_its_line(policy, tmp_path):
    with pytest.raises(BrokenDescription, match=r"policy\.toml:2: not TOML"):
        policy("pass_mark = 50\nzone = Europe/Berlin\n")
    with pytest.raises(WorkshopError, match="there is no such file"):
        read_policy(tmp_path / "nowhere.toml", [LESSON])


# ---- Explaining.


def test_each_point_is_explained(policy):
    rules = late_policy(policy, rest='grades = { "5" = 90, "2" = 0 }')
    submission = graded(FIRST, at=datetime(2026, 10, 25, 12, tzinfo=UTC))
    submission.verdict.checks[0].failure = Failure(
        verbatim("one group\x1b[31m"), verbatim("two groups"), file="chat/a.py", line=4, input="::x"
    )
    text = explain(marked(submission, rules), submission, LESSON, "en")
    assert text.splitlines()[:3] == [
        f"anna, lesson {LESSON.name}, handed in as anna.zip",
        "29.7 of 35 points, 84.8 %, grade 2",
        "",
    ]
    assert "0 of 2  fails: “Tabs on one room share a group”" in text
    assert "        expected: one group\\x1b[31m\n        actual: two groups\n" in text
    assert "        input: : :x\n        the line: chat/a.py:4\n" in text
    assert "  −3.3  late by 1 day, minus 10 %" in text
    assert "29,7" in explain(marked(submission, rules), submission, LESSON, "ru")


def test_our_fault_is_explained_as_ours():
    submission = graded(verdict=False, status="error", reason=message("disk full"))
    text = explain(marked(submission), submission, LESSON, "en")
    assert "no zero" in text
    assert "disk full" in text
