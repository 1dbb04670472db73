"""`grade`: a class is marked, whatever it hands in, and nothing that is done is lost."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY, language
from channels_workshop.course.copies import lay_over, write_project
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.grading.executors import ThisMachine
from channels_workshop.grading.grading import Grading
from channels_workshop.grading.marking import mark_order
from channels_workshop.grading.order import order_for
from channels_workshop.grading.records import Records, open_records, read_record
from channels_workshop.grading.submission import Submission
from channels_workshop.judging.events import NotJudged
from channels_workshop.judging.judge import Judge
from channels_workshop.language import message
from channels_workshop.processes.sandbox import why_not_strong

needs_walls = pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed")

#: The shortest lesson.
LESSON = find_lesson("2")
#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 120


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.delenv("WORKSHOP_COMMAND", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    language.speak("en")


def files_of(sections=None) -> dict[str, bytes]:
    """Return the submitted files of the lesson, with `sections` replaced."""
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        write_project(LESSON, Path(folder), sections)
        for path in LESSON.project_files:
            if LESSON.is_submitted(path):
                files[str(path)] = (Path(folder) / path).read_bytes()
    return files


def hand_in(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture
def handed_in(tmp_path):
    """A class of three: one is right, one has done nothing, one has handed in no archive."""
    folder = tmp_path / "handed in"
    hand_in(folder / "anna" / LESSON.name, files_of())
    hand_in(folder / "boris" / LESSON.name, files_of(LESSON.stubs))
    (folder / "clara.zip").write_bytes(b"PK no archive")
    return folder


@needs_walls
def test_a_class_is_marked(workshop, handed_in, tmp_path):
    out = tmp_path / "grades"
    code, printed, _errors = workshop("grade", handed_in, "--json", "--seed", 7, "--out", out)
    assert code == 0
    document = json.loads(printed)
    assert (document["version"], document["seed"], document["sandbox"]) == (1, 7, "strong")
    anna, boris, clara = document["submissions"]
    most = sum(check.points for check in LESSON.checks)
    assert (anna["student"], anna["status"], anna["score"]) == ("anna", "pass", most)
    assert (boris["student"], boris["status"]) == ("boris", "fail")
    assert 0 <= boris["score"] < most / 4
    assert (clara["student"], clara["status"], clara["verdict"]) == ("clara", "not_graded", None)
    assert clara["reason"]
    assert anna["verdict"]["seed"] == 7
    assert {path.name for path in out.iterdir()} >= {"class.csv", "class.html", "grades.json"}

    code, printed, _errors = workshop("grade", "--explain", "boris", "--out", out)
    assert code == 0
    assert f"of {most}" in printed or f"/{most}" in printed

    record = next((out / "records").glob("boris*.json"))
    code, printed, _errors = workshop("grade", "--replay", record)
    assert (code, printed.strip()) == (0, f"The same verdict: {boris['score']}/{most}.")

    # Who goes on with what is finished judges nothing, and comes to the same.
    began = time.monotonic()
    code, printed, _errors = workshop("grade", handed_in, "--json", "--resume", "--out", out)
    assert json.loads(printed) == document
    assert code == 0
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("grade", "Say where the submissions are: grade PATH…"),
        ("grade nowhere", "nowhere"),
        ("grade . --format xls", "There is no format “xls”. There are: "),
        ("grade . --jobs 0", "0 is not in the range"),
        ("grade . --lesson 99", "There is no lesson “99”"),
        ("grade . --sandbox none", "'none' is not one of 'strong', 'basic'"),
        ("grade . --seed x", "'x' is not a valid integer"),
        ("grade . --policy none.toml", "none.toml"),
        ("grade --replay none.json", "none.json is no record of a grading"),
        ("grade --explain anna", "grades has no grades of “anna”.\nGrade first: "),
        ("grade .", "."),
    ],
)
def test_wrong_usage_names_cause_and_fix(workshop, arguments, shown):
    code, out, errors = workshop(*arguments.split())
    assert (code, out) == (2, "")
    assert shown in errors
    assert "Traceback" not in errors


def test_where_there_is_no_bubblewrap_it_says_so(workshop, handed_in, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name, **_where: None)
    code, _out, errors = workshop("grade", handed_in)
    assert code == 2
    assert "There is no strong sandbox here." in errors
    assert "--sandbox basic does without" in errors


def test_a_second_grader_in_one_folder_is_told(workshop, handed_in, tmp_path):
    out = tmp_path / "grades"
    with open_records(out):
        code, _out, errors = workshop("grade", handed_in, "--sandbox", "basic", "--out", out)
    assert code == 2
    assert errors.startswith(f"Another grading is at work in {out}.")


class BrokenJudge:
    """A judging process that is lost `times` times, for a reason of ours."""

    def __init__(self, times, judge=None):
        self._times = times
        self._judge = judge

    def warm(self):
        pass

    def cancel(self):
        pass

    def judge(self, job):
        self._times -= 1
        if self._times >= 0:
            yield NotJudged(message("No space left on device"), message(""))
        else:
            yield from self._judge.judge(job)


def submission(files) -> Submission:
    return Submission("anna", LESSON.name, "anna", files)


def test_a_fault_of_ours_is_no_zero(tmp_path):
    order = order_for(submission(files_of()), LESSON, 1, "basic", PATIENCE)
    graded = mark_order(order, BrokenJudge(99))
    assert (graded.status, graded.score, str(graded.reason)) == (
        "error",
        None,
        "No space left on device",
    )
    with open_records(tmp_path) as records:
        records.keep(order, graded)
        assert records.find(order) is None, "it is to be tried again"


@needs_walls
@pytest.mark.slow
def test_a_fault_of_ours_is_tried_again():
    order = order_for(submission(files_of()), LESSON, 1, "strong", PATIENCE)
    with Judge("strong") as judge:
        graded = mark_order(order, BrokenJudge(1, judge))
    assert (graded.status, graded.score) == ("pass", graded.max_score)


@needs_walls
@pytest.mark.slow
def test_a_submission_without_an_end_is_its_own_zero():
    files = files_of()
    files["config/urls.py"] = b"while True:\n    pass\n"
    order = order_for(submission(files), LESSON, 1, "strong", 5)
    with Judge("strong") as judge:
        graded = mark_order(order, judge)
        assert (graded.status, graded.score) == ("fail", 0)
        right = order_for(submission(files_of()), LESSON, 1, "strong", PATIENCE)
        assert mark_order(right, judge).status == "pass"


#: Forks, and is gone before anybody looks: longer than it is judged, where nobody ends it.
CHAIN = """
import fcntl
import os
import time

held = open({path!r}, "a")
fcntl.flock(held, fcntl.LOCK_SH)
until = time.monotonic() + 150
if os.fork() == 0:
    os.setsid()
    while time.monotonic() < until:
        if os.fork():
            os._exit(0)
    held.write("it came to its own end")
    held.flush()
    os._exit(0)

urlpatterns = []
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_who_forks_all_the_time_is_ended_in_a_basic_sandbox_too(tmp_path):
    import fcntl

    held = tmp_path / "held"
    files = files_of()
    files["config/urls.py"] = CHAIN.format(path=str(held)).encode()
    order = order_for(submission(files), LESSON, 1, "basic", PATIENCE)
    with Judge("basic") as judge:
        mark_order(order, judge)
    with held.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # nobody holds it any more
        assert file.read() == ""


@pytest.mark.slow
def test_another_verdict_is_told(workshop, tmp_path, monkeypatch):
    order = order_for(submission(files_of()), LESSON, 1, "basic", PATIENCE)
    with Judge("basic") as judge:
        graded = mark_order(order, judge)
    assert graded.status == "pass"
    graded.verdict.checks[0].status = "fail"
    with open_records(tmp_path / "grades") as records:
        records.keep(order, graded)
    (file,) = (tmp_path / "grades" / "records").iterdir()
    code, printed, _errors = workshop("grade", "--replay", file)
    assert code == 1
    assert printed == f"Another verdict:\n  {graded.verdict.checks[0].id}: fail → pass\n"


@needs_walls
@pytest.mark.slow
def test_whoever_is_killed_goes_on_where_they_were(handed_in, tmp_path):
    for name in ("dora", "egon", "fine", "gleb"):
        hand_in(handed_in / name / LESSON.name, files_of())
    out = tmp_path / "grades"
    call = [sys.executable, REPOSITORY / "workshop.py", "grade", handed_in, "--out", out]
    options = ["--seed", "3", "--jobs", "1"]
    grader = subprocess.Popen([*call, *options], stderr=subprocess.PIPE, encoding="utf-8")
    assert grader.stderr
    for line in grader.stderr:
        if line.startswith("3/"):
            break
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stderr.close()
    kept = [read_record(file) for file in (out / "records").iterdir()]
    assert 3 <= len(kept) < 7
    assert json.loads((out / "grades.json").read_bytes())["submissions"], (
        "there is a report already"
    )
    done = {record.graded.student for record in kept}
    resumed = subprocess.run(
        [*call, "--resume", "--json"], capture_output=True, encoding="utf-8", check=True
    )
    judged = {line.split()[2] for line in resumed.stderr.splitlines()}
    assert not judged & done, "what was finished is not judged again"
    document = json.loads(resumed.stdout)
    assert document["seed"] == 3
    whole = subprocess.run(
        [*call[:-1], tmp_path / "anew", *options, "--json"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert marks(document) == marks(json.loads(whole.stdout))


def marks(document) -> list[tuple]:
    """Return what is the same each time: all but how long it took."""
    return [
        (
            one["student"],
            one["status"],
            one["score"],
            [
                (check["id"], check["status"])
                for check in (one["verdict"] or {"checks": []})["checks"]
            ],
        )
        for one in document["submissions"]
    ]


@needs_walls
@pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(
            lesson,
            id=lesson.name,
            # The others take minutes; `verify` judges the same without walls.
            marks=pytest.mark.slow if lesson.number in (2, 3) else pytest.mark.on_demand,
        )
        for lesson in all_lessons()
    ],
)
def test_right_solutions_have_full_marks(lesson, tmp_path):
    """The reference and each accepted solution, all together, by one seed."""
    submissions = []
    for name in ["the reference", *lesson.accepted]:
        folder = tmp_path / name
        write_project(lesson, folder)
        if name in lesson.accepted:
            overlay = lesson.folder / "accepted" / name
            lay_over(overlay, folder, list(files_below(overlay)))
        files = {
            str(path): (folder / path).read_bytes()
            for path in files_below(folder)
            if lesson.is_submitted(path)
        }
        submissions.append(Submission(name, lesson.name, name, files))
    with open_records(tmp_path / "grades") as records:
        grading = Grading(submissions, {lesson.name: lesson}, records, 11, "strong")
        grading.begin()
        with ThisMachine("strong") as machine:
            for graded in grading.run(machine):
                failed = [r.id for r in graded.verdict.checks if r.status != "pass" and r.points]
                assert graded.status == "pass", (graded.student, failed)


def test_what_is_no_record_is_passed_over(tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "anna.json").write_text("{}")
    assert Records(tmp_path).all() == []
    assert [file.name for file in (tmp_path / "records").iterdir()] == ["anna.json"]
