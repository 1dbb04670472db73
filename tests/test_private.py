"""Private checks: an instructor's own, graded alike, proved alike, and shown to no student."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY, language
from channels_workshop.authoring.trials import Trial, run_trial, trials_of
from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.marks import mark
from channels_workshop.grading.order import order_for, stamp_of
from channels_workshop.grading.policy import Policy, read_policy
from channels_workshop.grading.private import all_with_private, with_private
from channels_workshop.grading.reports.class_csv import class_csv
from channels_workshop.grading.reports.class_page import class_page
from channels_workshop.grading.reports.document import document
from channels_workshop.grading.reports.exercism import exercism
from channels_workshop.grading.reports.github import github
from channels_workshop.grading.reports.gradescope import gradescope
from channels_workshop.grading.reports.student_markdown import student_markdown
from channels_workshop.grading.reports.student_page import student_page
from channels_workshop.grading.resemblance import behaves_like
from channels_workshop.grading.submission import Submission
from channels_workshop.judging.failure import Failure
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import verbatim
from channels_workshop.processes.sandbox import why_not_strong

needs_walls = pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed")

#: The shortest lesson.
LESSON = find_lesson("02")
LESSONS = {lesson.name: lesson for lesson in all_lessons()}
OWN = [check.id for check in LESSON.checks]

DESCRIPTION = """\
[messages]
"as it was" = { en = "“{text}”, as \\"it\\" was\\n", ru = "«{text}», как было" }

[[checks]]
id = "echoes_a_secret"
task = "router"
points = 3
title.en = "The secret comes back"
title.ru = "Секрет возвращается"
sentences = ["F1"]

[[checks]]
id = "echoes_two_secrets"
task = "router"
points = 2
title.en = "Two secrets come back"
title.ru = "Два секрета возвращаются"
"""
TESTS = """\
from channels_workshop.judging.mismatch import expect
from echo import ECHO
from secrets_of_the_check import SECRET


async def test_echoes_a_secret(visitor, lesson):
    tab = await visitor.connect(ECHO)
    await tab.send(SECRET)
    came = await tab.receive()
    expect(lesson.message("as it was", text=SECRET), lesson.message("as it was", text=came))


async def test_echoes_two_secrets(visitor):
    tab = await visitor.connect(ECHO)
    for text in (SECRET, SECRET):
        await tab.send(text)
        expect(text, await tab.receive())
"""
MISTAKES = '''\
[[mistakes]]
id = "in_small_letters"
title.en = "What comes back is in small letters"
title.ru = "Возвращается строчными буквами"
expected = "echoes_a_secret"
also = ["like_the_reference"]

[mistakes.sections]
echo = """
async def receive(self, text_data=None, bytes_data=None):
    await self.send(text_data and text_data.lower(), bytes_data)
"""

[[mistakes]]
id = "secret_kept"
title.en = "A secret is kept"
title.ru = "Секрет остаётся секретом"
expected = "echoes_two_secrets"
also = ["like_the_reference"]

[mistakes.sections]
echo = """
async def receive(self, text_data=None, bytes_data=None):
    if text_data != "The SECRET":
        await self.send(text_data, bytes_data)
"""
'''
SECRET = 'SECRET = "The SECRET"\n'


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.delenv("WORKSHOP_COMMAND", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    language.speak("en")


@pytest.fixture
def folder(tmp_path):
    """A folder of private checks for one lesson."""
    folder = tmp_path / "private"
    tests = folder / LESSON.name / "tests"
    tests.mkdir(parents=True)
    (folder / LESSON.name / "lesson.toml").write_text(DESCRIPTION, "utf-8")
    (folder / LESSON.name / "mistakes.toml").write_text(MISTAKES, "utf-8")
    (tests / "test_secrets.py").write_text(TESTS)
    (tests / "secrets_of_the_check.py").write_text(SECRET)
    return folder


@pytest.fixture
def together(folder):
    with with_private(LESSON, folder / LESSON.name) as together:
        yield together


# ---- The lesson


def test_a_lesson_with_private_checks_is_a_lesson(together):
    assert together.name == LESSON.name
    assert [check.id for check in together.checks] == [
        *OWN,
        "echoes_a_secret",
        "echoes_two_secrets",
    ]
    assert together.private == ("echoes_a_secret", "echoes_two_secrets")
    assert together.check("echoes_a_secret").title.ru == "Секрет возвращается"
    assert together.messages["as it was"].en == '“{text}”, as "it" was\n'
    assert set(together.messages) == {*LESSON.messages, "as it was"}
    assert [*together.mistakes] == [*LESSON.mistakes, "in_small_letters", "secret_kept"]
    assert together.accepted == LESSON.accepted
    assert (together.tasks, together.agreement) == (LESSON.tasks, LESSON.agreement)
    # The judging process, which gets the folder alone, finds the same there.
    assert load_lesson(together.folder).checks == together.checks


def test_it_is_gone_afterwards(folder):
    with with_private(LESSON, folder / LESSON.name) as together:
        place = together.folder
        assert place.is_dir()
    assert not place.exists()


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=str)
def test_every_lesson_can_have_some(lesson, tmp_path):
    place = tmp_path / lesson.name
    (place / "tests").mkdir(parents=True)
    text = DESCRIPTION.replace('"router"', f'"{lesson.tasks[0].id}"').replace('["F1"]', "[]")
    (place / "lesson.toml").write_text(text, "utf-8")
    (place / "tests" / "test_secrets.py").write_text(TESTS)
    with with_private(lesson, place) as together:
        assert len(together.checks) == len(lesson.checks) + 2
        assert {**together.messages, **lesson.messages} == together.messages
        assert together.mistakes == lesson.mistakes


def test_other_lessons_stay_as_they_are(folder):
    with all_with_private(LESSONS, folder) as lessons:
        assert [*lessons] == [*LESSONS]
        assert [name for name, lesson in lessons.items() if lesson.private] == [LESSON.name]


def test_what_a_verdict_hangs_on_has_them_in_it(folder, together):
    submission = Submission("anna", LESSON.name, "anna", {"config/asgi.py": b""})

    def fingerprint(lesson):
        return order_for(submission, lesson, 7, "strong", 9.0).fingerprint

    with with_private(LESSON, folder / LESSON.name) as again:
        assert stamp_of(again) == stamp_of(together) != stamp_of(LESSON)
        assert fingerprint(again) == fingerprint(together) != fingerprint(LESSON)
    tests = folder / LESSON.name / "tests" / "test_secrets.py"
    tests.write_text(TESTS.replace("(SECRET, SECRET)", "(SECRET,)"))
    with with_private(LESSON, folder / LESSON.name) as changed:
        assert fingerprint(changed) != fingerprint(together)


def test_the_example_of_the_page_is_one():
    with all_with_private(LESSONS, REPOSITORY / "docs/snippets/private_checks") as lessons:
        together = lessons[LESSON.name]
        assert together.private == ("echoes_a_poem",)
        assert together.mistakes["first_line_only"].expected == "echoes_a_poem"


# ---- What does not fit


def broken(folder, name, text):
    (folder / LESSON.name / name).write_text(text, "utf-8")
    with pytest.raises(BrokenDescription) as raised:
        with all_with_private(LESSONS, folder):
            pass
    return raised.value


CHECK = '[[checks]]\nid = "a"\ntask = "router"\npoints = 1\ntitle = { en = "a", ru = "a" }\n'


@pytest.mark.parametrize(
    ("text", "line", "what", "fix"),
    [
        (
            DESCRIPTION.replace('"echoes_two_secrets"', '"echo_text"'),
            13,
            "the lesson has a check 'echo_text' already",
            "Give yours another id.",
        ),
        (
            DESCRIPTION.replace('"echoes_two_secrets"', '"echoes_a_secret"'),
            13,
            "the id 'echoes_a_secret' is used twice",
            "Rename one of the two.",
        ),
        (
            DESCRIPTION.replace('task = "router"', 'task = "rooter"', 1),
            5,
            "belongs to the task 'rooter', which does not exist",
            "The tasks are: settings, router, origin, not_found.",
        ),
        (
            DESCRIPTION.replace('["F1"]', '["F1", "F99", "Z1"]'),
            5,
            "names no sentence: F99, Z1",
            "The agreement promises: P1, ",
        ),
        (
            DESCRIPTION.replace('"echoes_two_secrets"', '"echoes_nothing"'),
            13,
            "there is no function test_echoes_nothing in tests/",
            "async def test_echoes_nothing(visitor)",
        ),
        (
            DESCRIPTION.replace('"as it was"', "script"),
            2,
            "the lesson has a sentence 'script' already",
            "Give yours another name.",
        ),
        (DESCRIPTION + "\n[lesson]\nminutes = 5\n", 1, "unknown field `lesson`", "holds."),
        (CHECK.replace("points = 1", 'points = "1"'), 4, "Expected `int`", "holds."),
        ("[[checks\n", 1, "not TOML", "Mend the spelling"),
    ],
)
def test_a_wrong_description_is_told_with_line_and_fix(folder, text, line, what, fix):
    found = broken(folder, "lesson.toml", text)
    assert (found.path, found.line) == (folder / LESSON.name / "lesson.toml", line)
    assert what in str(found.message)
    assert fix in str(found.fix)


@pytest.mark.parametrize(
    ("name", "text", "line", "what"),
    [
        ("tests/test_secrets.py", f"{TESTS}\n\ndef test_more():\n    pass\n", 20, "test_more"),
        ("tests/test_secrets.py", "async def test_a(:\n", 1, "not Python"),
        ("tests/test_secrets.py", "x = 1\n\0\n", 1, "not Python"),
        ("tests/test_router.py", "", 1, "the lesson has a file tests/test_router.py already"),
        ("tests/conftest.py", "", 1, "the lesson has a file tests/conftest.py already"),
        ("mistakes.toml", MISTAKES.replace('"secret_kept"', '"app_misspelt"'), 15, "app_misspelt"),
        ("mistakes.toml", MISTAKES.replace("echo = ", "eko = ", 1), 2, "there is no section eko"),
        (
            "mistakes.toml",
            MISTAKES.replace('expected = "echoes_a_secret"', 'expected = "none"'),
            2,
            "names checks that do not exist: none",
        ),
    ],
)
def test_wrong_tests_and_mistakes_are_told(folder, name, text, line, what):
    found = broken(folder, name, text)
    assert (found.path, found.line) == (folder / LESSON.name / name, line)
    assert what in str(found.message)
    assert str(found.fix)


def test_wrong_folders_are_told(folder, tmp_path):
    def why(folder):
        with pytest.raises(BrokenDescription) as raised:
            with all_with_private(LESSONS, folder):
                pass
        return str(raised.value)

    assert "there is no such folder" in why(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "no lesson's folder is in it" in why(tmp_path / "empty")
    (folder / "02_setup_agsi").mkdir()
    assert "there is no lesson '02_setup_agsi'" in why(folder)
    assert f"Rename it: {LESSON.name}" in why(folder)
    (folder / "02_setup_agsi").rename(folder / "03_chat_consumer")
    assert "lesson.toml:1: the file is missing" in why(folder)
    (folder / "03_chat_consumer").rename(folder / ".hidden")
    with all_with_private(LESSONS, folder):
        pass


# ---- Marks and reports

#: What no student may read.
HIDDEN = [
    "echoes_a_secret",
    "echoes_two_secrets",
    "secret comes back",
    "secrets come back",
    "SECRET",
]


def result_with(together, language="en"):
    """Return a submission that fails one private check, and its mark."""
    results = [Result(one.id, one.task, "pass", one.points) for one in together.checks]
    failing = next(result for result in results if result.id == "echoes_a_secret")
    failing.status = "fail"
    said = verbatim("The SECRET")
    failing.failure = Failure(said, said, file="console/consumers.py", line=3, input="The SECRET")
    submission = Graded(
        student="anna",
        lesson=LESSON.name,
        source="anna.zip",
        status="fail",
        max_score=sum(check.points for check in together.checks),
        sandbox="strong",
        seed=7,
        fingerprint="abc",
        verdict=Verdict(LESSON.name, "target", results),
    )
    return submission, mark(submission, Policy(), together)


@pytest.mark.parametrize("speaks", ["en", "ru"])
@pytest.mark.parametrize(
    "emitter",
    [student_page, student_markdown, gradescope, exercism, github],
    ids=lambda f: f.__name__,
)
def test_a_student_is_told_how_many_and_no_more(together, emitter, speaks):
    submission, given = result_with(together)
    text = emitter(submission, given, together, speaks).decode()
    for hidden in (*HIDDEN, "екрет"):
        assert hidden not in text
    if speaks == "en":
        assert re.search("1 of 2 private checks pass(es)?", text)


def test_the_instructor_sees_them(together):
    result = result_with(together)
    lessons = {LESSON.name: together}
    for text in (class_page([result], lessons, "en"), class_csv([result], lessons, "en")):
        assert b"echoes_a_secret" in text
    told = document([result], lessons, 7, "strong", "en")["submissions"][0]
    assert "echoes_a_secret" in [check["id"] for check in told["verdict"]["checks"]]
    assert (told["score"], told["max_score"]) == (
        given_points(LESSON) + 2,
        given_points(LESSON) + 5,
    )


def given_points(lesson):
    return sum(check.points for check in lesson.checks)


def test_the_same_without_the_folder_hides_them_too(together):
    """`grade --explain` without `--private`, say: what a lesson does not have is not shown."""
    submission, _given = result_with(together)
    text = student_page(submission, mark(submission, Policy(), LESSON), LESSON, "en").decode()
    assert not [hidden for hidden in HIDDEN if hidden in text]
    assert "1 of 2 private checks" in text


def test_a_policy_may_weigh_them(together, tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("[lessons.02]\nchecks = { echoes_a_secret = 10 }\n")
    submission, _given = result_with(together)
    given = mark(submission, read_policy(file, [together]), together)
    assert (given.points, given.of) == (given_points(LESSON) + 2, given_points(LESSON) + 12)


def test_they_say_nothing_of_what_a_submission_behaves_like(together):
    submission, _given = result_with(together)
    assert behaves_like(submission.verdict, together) is None


# ---- Judging


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["reference", "starter", "mistakes"])
def test_they_are_proved_like_any_other(together, kind):
    chosen = {
        "reference": [Trial(together, "reference")],
        "starter": [Trial(together, "starter")],
        "mistakes": [
            trial
            for trial in trials_of(together)
            if trial.id in ("in_small_letters", "secret_kept")
        ],
    }[kind]
    with Judge() as judge:
        for trial in chosen:
            outcome = run_trial(trial, judge)
            assert not outcome.wrong, trial
            assert {"echoes_a_secret", "echoes_two_secrets"} <= set(outcome.ran)


@pytest.mark.slow
def test_the_example_of_the_page_is_right():
    with all_with_private(LESSONS, REPOSITORY / "docs/snippets/private_checks") as lessons:
        together = lessons[LESSON.name]
        with Judge() as judge:
            for trial in (
                Trial(together, "reference"),
                Trial(together, "mistake", "first_line_only"),
            ):
                assert not run_trial(trial, judge).wrong


@pytest.mark.slow
@needs_walls
def test_grade_with_private_checks(workshop, folder, tmp_path):
    handed_in = tmp_path / "handed in"
    wrong = "async def receive(self, text_data=None, bytes_data=None):\n    await self.send('no')\n"
    write_project(LESSON, handed_in / "anna" / LESSON.name)
    write_project(LESSON, handed_in / "boris" / LESSON.name, {"echo": wrong})
    arguments = ["grade", handed_in, "--seed", 7, "--private", folder]
    code, printed, _errors = workshop(*arguments, "--json")
    assert code == 0
    anna, boris = json.loads(printed)["submissions"]
    assert anna["score"] == anna["max_score"] == given_points(LESSON) + 5
    assert boris["score"] < given_points(LESSON)
    failed = [one["id"] for one in boris["verdict"]["checks"] if one["status"] == "fail"]
    assert {"echoes_a_secret", "echoes_two_secrets"} <= {*failed}
    for report in Path("grades/students/boris").iterdir():
        text = report.read_text("utf-8")
        assert "0 of 2 private checks" in text
        assert not [hidden for hidden in HIDDEN if hidden in text]
    assert "echoes_a_secret" in Path("grades/class.csv").read_text("utf-8")

    # Judged with them, so gone on with where they are the same.
    _code, printed, _errors = workshop(*arguments, "--json", "--resume")
    assert [one["score"] for one in json.loads(printed)["submissions"]] == [
        anna["score"],
        boris["score"],
    ]
    record = next(Path("grades/records").glob("boris*.json"))
    code, printed, _errors = workshop("grade", "--replay", record, "--private", folder)
    assert (code, "The same verdict" in printed) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("grade . --private nowhere", "nowhere:1: there is no such folder"),
        ("grade . --private private --cluster local", "--private and --cluster: choose one"),
        ("verify --private nowhere", "nowhere:1: there is no such folder"),
        ("verify 3 --private private", "--private: there are no checks of these lessons."),
        ("verify 2 --private private --signatures", "--signatures goes with"),
    ],
)
def test_wrong_usage_is_told(workshop, folder, arguments, shown):
    code, _printed, errors = workshop(*arguments.split())
    assert code == 2
    assert shown in errors


def test_a_bundle_takes_them_with_it(workshop, folder):
    code, *_printed = workshop(
        "grade", "--bundle", "gradescope", "--lesson", 2, "--private", folder, "--out", "a.zip"
    )
    assert code == 0
    with zipfile.ZipFile("a.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("private/")]
    place = f"private/{LESSON.name}"
    assert sorted(names) == [
        f"{place}/lesson.toml",
        f"{place}/mistakes.toml",
        f"{place}/tests/secrets_of_the_check.py",
        f"{place}/tests/test_secrets.py",
    ]
