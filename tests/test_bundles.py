"""Graders for services: a bundle for Gradescope, a workflow for GitHub, an image for graders.

None of it was run on its service. The bundle's own script is run here, in a folder laid out as
Gradescope documents it; only the environment is this one's, and not one that `setup.sh` has made.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
import yaml

from channels_workshop import REPOSITORY, language
from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.grading.bundles import gradescope as bundles
from channels_workshop.grading.bundles.gradescope import bundle, write_bundle
from channels_workshop.grading.bundles.on_gradescope import _metadata
from channels_workshop.grading.bundles.settings import Settings
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.marks import mark
from channels_workshop.grading.policy import Policy
from channels_workshop.grading.reports.github import github
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import verbatim
from channels_workshop.processes.sandbox import why_not_strong

#: The shortest lesson.
LESSON = find_lesson("02")
TEMPLATES = Path(bundles.__file__).with_name("templates")
WORKFLOW = TEMPLATES / "github" / "grade.yml"
SETTINGS = Settings(LESSON.name, 7, "strong", "en")
MOST = sum(check.points for check in LESSON.checks)

needs_walls = pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is needed")


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.delenv("WORKSHOP_COMMAND", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    language.speak("en")


# ---- The zip


@pytest.fixture(scope="module")
def packed():
    return bundle(LESSON, all_lessons(), SETTINGS)


def test_a_bundle_holds_what_gradescope_asks_for_at_its_top(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {"setup.sh", "run_autograder", "README.md", "bundle.json"} <= set(archive.namelist())
        assert msgspec.json.decode(archive.read("bundle.json"), type=Settings) == SETTINGS
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & 0o777 == 0o755
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert archive.testzip() is None


def test_a_bundle_holds_what_grades_and_nothing_of_anybody(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = archive.namelist()
    of_the_course = [name.removeprefix("course/") for name in names if name.startswith("course/")]
    tops = {name.split("/")[0] for name in of_the_course}
    assert tops == {"LICENSE", "lessons", "requirements", "src", "workshop.py"}
    here = f"lessons/{LESSON.name}/"
    assert {f"{here}lesson.toml", f"{here}tests/conftest.py", f"{here}config/asgi.py"} <= {
        *of_the_course
    }
    for name in of_the_course:
        assert "__pycache__" not in name
        assert not name.endswith((".pyc", ".sqlite3"))
        if name.startswith("lessons/") and not name.startswith(here):
            # Of the others: what they are told apart by. Neither checks nor other solutions.
            assert name.split("/")[2] not in ("tests", "accepted", "further", "stubs")
        assert "/accepted/" not in name.removeprefix("src/")


def test_the_same_is_packed_to_the_same_bytes(packed):
    assert bundle(LESSON, all_lessons(), SETTINGS) == packed


def test_a_policy_goes_with_it(tmp_path):
    policy = tmp_path / "mine.toml"
    policy.write_text("pass_mark = 50\n")
    content = bundle(LESSON, all_lessons(), SETTINGS, policy=policy)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("policy.toml") == b"pass_mark = 50\n"


def test_a_bundle_takes_the_place_of_a_bundle_and_of_nothing_else(tmp_path, packed):
    file = tmp_path / "new" / "bundle.zip"
    write_bundle(file, packed)
    write_bundle(file, packed)
    other = tmp_path / "thesis.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("thesis.txt", "all of it")
    for precious in (other, tmp_path):
        with pytest.raises(WorkshopError, match="is no bundle of ours"):
            write_bundle(precious, packed)


def test_grade_bundle_writes_the_file(workshop, tmp_path):
    file = tmp_path / "a.zip"
    code, printed, errors = workshop(
        "grade", "--bundle", "gradescope", "--lesson", 2, "--seed", 7, "--out", file
    )
    assert (code, errors) == (0, "")
    assert str(file) in printed
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("bundle.json"))["seed"] == 7
    code, printed, _errors = workshop(
        "grade", "--bundle", "gradescope", "--lesson", 2, "--sandbox", "basic"
    )
    assert code == 0
    assert "will see the checks" in printed
    assert (tmp_path / "gradescope-02.zip").is_file()


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("grade --bundle gradescope", "Say which: grade --bundle gradescope --lesson NN"),
        ("grade --bundle moodle --lesson 2", "'moodle' is not 'gradescope'"),
        ("grade --bundle gradescope --lesson 2 --policy no.toml", "there is no such file"),
    ],
)
def test_wrong_usage_is_told(workshop, arguments, shown):
    code, _printed, errors = workshop(*arguments.split())
    assert code == 2
    assert shown in errors


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(script):
    command = ["bash", "-n", str(TEMPLATES / "gradescope" / script)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


# ---- What runs there


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory, packed):
    """Return a folder laid out as `/autograder` is, with this environment as the bundle's."""
    autograder = tmp_path_factory.mktemp("autograder")
    source = autograder / "source"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(source)
    environment = source / "course" / ".venv"
    shutil.copytree(sys.prefix, environment, symlinks=True, copy_function=linked_or_copied)
    (path,) = environment.glob("lib/python*/site-packages/channels_workshop.pth")
    path.unlink()  # a link to the one here
    path.write_text(os.path.relpath(source / "course" / "src", path.parent) + "\n")
    shutil.copyfile(source / "run_autograder", autograder / "run_autograder")
    (autograder / "results").mkdir()
    (autograder / "submission_metadata.json").write_text(
        json.dumps(
            {
                "id": 1,
                "created_at": "2026-10-21T14:22:32.365935-07:00",
                "users": [{"email": "anna@example.com", "id": 2, "name": "Anna"}],
                "previous_submissions": [],
            }
        )
    )
    return autograder


def linked_or_copied(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def run_there(autograder, sections=None, **environment):
    """Run the bundle's script on the lesson with `sections` replaced; return how that went."""
    submission = autograder / "submission"
    shutil.rmtree(submission, ignore_errors=True)
    write_project(LESSON, submission, sections)
    return subprocess.run(
        ["/bin/bash", str(autograder / "run_autograder")],
        cwd=autograder,
        env={"PATH": os.environ["PATH"], "AUTOGRADER": str(autograder), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def result_there(autograder):
    return json.loads((autograder / "results" / "results.json").read_bytes())


@pytest.mark.slow
@needs_walls
def test_the_bundle_grades_a_right_submission_and_a_wrong_one(unpacked):
    run = run_there(unpacked)
    assert run.returncode == 0, run.stdout + run.stderr
    right = result_there(unpacked)
    assert right["score"] == MOST
    assert right["extra_data"]["sandbox"] == "strong"
    assert right["extra_data"]["seed"] == 7
    assert "Sandbox: strong" in right["output"]
    assert {test["status"] for test in right["tests"]} == {"passed"}
    assert sum(test["max_score"] for test in right["tests"]) == MOST

    run = run_there(unpacked, LESSON.stubs)
    assert run.returncode == 0, run.stdout + run.stderr
    wrong = result_there(unpacked)
    assert 0 <= wrong["score"] < MOST / 4
    failed = [test for test in wrong["tests"] if test["status"] == "failed"]
    assert sum(test["score"] for test in wrong["tests"]) == wrong["score"]
    assert all(test["output"] for test in failed)


@pytest.mark.slow
def test_without_walls_it_refuses_or_says_so(unpacked):
    """A result that a submission has left behind is no result."""
    result = unpacked / "results" / "results.json"
    result.write_text('{"score": 100}')
    run = run_there(unpacked, PATH="/nowhere")
    assert run.returncode == 2
    assert "There is no strong sandbox here." in run.stdout
    assert not result.exists()

    settings = unpacked / "source" / "bundle.json"
    before = settings.read_bytes()
    settings.write_bytes(msgspec.json.encode(msgspec.structs.replace(SETTINGS, sandbox="basic")))
    try:
        run = run_there(unpacked, PATH="/nowhere")
    finally:
        settings.write_bytes(before)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "basic" in run.stdout
    found = result_there(unpacked)
    assert (found["score"], found["extra_data"]["sandbox"]) == (MOST, "basic")
    assert "Sandbox: basic: it ran with limits, not shut off from the machine" in found["output"]


def test_what_gradescope_knows_of_a_submission(tmp_path):
    file = tmp_path / "submission_metadata.json"
    assert _metadata(file) == ("student", None)
    users = [{"name": "Анна", "email": "a@x"}, {"name": None, "email": "b@x"}]
    file.write_text(json.dumps({"created_at": "2018-07-01T14:22:32.365935-07:00", "users": users}))
    names, at = _metadata(file)
    assert names == "Анна, b@x"
    assert at == datetime.fromisoformat("2018-07-01T21:22:32.365935+00:00")
    for odd in ("", "[]", "{}", '{"users": [1], "created_at": "now"}', '{"users": null}'):
        file.write_text(odd)
        assert _metadata(file) == ("student", None)
    file.write_text(json.dumps({"created_at": "2018-07-01T14:22:32", "users": []}))
    assert _metadata(file) == ("student", None)


# ---- GitHub


def graded(**changes):
    results = [Result(check.id, check.task, "pass", check.points) for check in LESSON.checks[:3]]
    values = {
        "student": "anna",
        "lesson": LESSON.name,
        "source": "anna/work@0123456",
        "status": "fail",
        "max_score": 3,
        "sandbox": "strong",
        "seed": 7,
        "fingerprint": "abc",
        "verdict": Verdict(LESSON.name, "target", results),
    }
    return Graded(**{**values, **changes})


def lines_of(submission):
    text = github(submission, mark(submission, Policy(), LESSON), LESSON, "en").decode()
    return text.splitlines()


def test_each_failed_check_is_an_annotation_at_its_line():
    submission = graded()
    failing = submission.verdict.checks[1]
    failing.status = "fail"
    failing.failure = Failure(verbatim("100 %"), verbatim("50 %"), file="config/asgi.py", line=12)
    first, *others = lines_of(submission)
    assert first.startswith("::notice title=channels-workshop::2 of 25 points")
    # The project stands in a folder of the repository.
    (annotation,) = [line for line in others if "config/asgi.py" in line]
    assert annotation.startswith("::error file=work/config/asgi.py,line=12,title=")
    assert "100 %25" in annotation


def test_nothing_of_a_submission_is_a_command():
    evil = "\n::set-output name=score::25\r\n::error::mine%0A::notice::x\n##[endgroup]"
    submission = graded(source=f"{evil}@1")
    failing = submission.verdict.checks[0]
    failing.status = "fail"
    failing.failure = Failure(verbatim(evil), verbatim(evil), file=f"a,b:c{evil}", line=1)
    broken = graded()
    broken.verdict.broken = DoesNotRun(evil, f"x{evil}.py", 3)
    for lines in (lines_of(submission), lines_of(broken)):
        assert all(re.match("::(notice|error)[ :]", line) for line in lines)
        assert sum(line.startswith("::notice") for line in lines) == 1
        for line in lines:
            properties = line.split("::")[1]
            assert properties.count("title=") == 1
            assert "%0A" not in properties
            assert "\r" not in line


def test_a_fault_of_ours_is_no_points_and_no_failed_check():
    lines = lines_of(graded(status="error", verdict=None, reason=verbatim("disk full")))
    assert lines[1:] == ["::error::disk full"]
    assert "our fault" in lines[0]


def test_the_workflow_takes_the_checks_from_the_course():
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["grade"]["steps"]
    course, pushed = (step["with"] for step in steps if step.get("uses") == "actions/checkout@v4")
    assert (course["ref"], course["path"]) == ("${{ env.COMMIT }}", "course")
    assert "repository" not in pushed
    assert not any(checkout["persist-credentials"] for checkout in (course, pushed))
    for step in steps:
        # What others decide over comes in by the environment, never as a part of a program.
        assert "${{" not in step.get("run", "")


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="check-jsonschema is needed")
def test_the_workflow_is_one():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += ["vendor.github-workflows", str(WORKFLOW)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
@needs_walls
@needs_git
def test_the_steps_of_the_workflow_grade_a_push(workshop, tmp_path):
    """As the steps do: a checkout below `pushed`, what is printed, and the summary."""
    repository = tmp_path / "pushed" / "lesson-two-anna"
    write_project(LESSON, repository, {"echo": LESSON.stubs["echo"]})
    git = ["git", "-C", str(repository), "-c", "user.name=Anna", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "mine"]):
        subprocess.run([*git, *command], check=True)
    steps = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["grade"]["steps"]
    (grade,) = [step["run"] for step in steps if step.get("name") == "Grade"]
    arguments = grade.replace('"$LESSON"', "02").split("workshop.py")[1].split()
    code, _printed, _errors = workshop(*arguments)
    assert code == 0
    (annotations,) = Path("grades/github").glob("*/*.txt")
    first, *others = annotations.read_text("utf-8").splitlines()
    assert first.startswith("::notice title=channels-workshop::")
    assert others
    assert all(line.startswith("::error ") for line in others)
    (_summary,) = Path("grades/students").glob("*/*.md")
    (submission,) = json.loads(Path("grades/grades.json").read_bytes())["submissions"]
    assert submission["student"] == repository.name
    assert 0 < submission["score"] < submission["max_score"] == MOST


# ---- The image


def test_the_image_holds_what_grades_and_nothing_of_anybody():
    dockerfile = (REPOSITORY / "deploy" / "Dockerfile").read_text("utf-8")
    copied = [line.split()[1:-1] for line in dockerfile.splitlines() if line.startswith("COPY ")]
    sources = {source for sources in copied for source in sources}
    assert sources == {"LICENSE", "workshop.py", "requirements", "src", "lessons"}
    assert all((REPOSITORY / source).exists() for source in sources)
    ignored = (REPOSITORY / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == sources
    assert 'ENTRYPOINT ["python", "/workshop/workshop.py", "grade"]' in dockerfile
