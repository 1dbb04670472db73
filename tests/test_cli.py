"""The verbs as a person types them: what is printed, and the exit code."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY, language
from channels_workshop.authoring.trials import Outcome, Trial
from channels_workshop.authoring.verify import LessonProof
from channels_workshop.cli.command_line import VERBS


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.delenv("WORKSHOP_COMMAND", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    language.speak("en")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("strat 3", "No such command 'strat'. Did you mean 'start'?"),
        ("list --bad", "No such option '--bad'"),
        ("list 3", "unexpected extra argument"),
        ("start", "Say which lesson: "),
        ("start 99", "There is no lesson “99”.\nThe lessons are: "),
        ("start chat", "There is no lesson “chat”"),
        ("start 3 --at", "requires an argument"),
        ("start 3 --at fly", "no task “fly”.\nIts tasks are: join, leave, receive, deliver."),
        ("start 3 join", "unexpected extra argument"),
        ("reset", "Say which lesson"),
        ("reset 3 --at fly", "Its tasks are: join"),
        ("diff", "Say which lesson"),
        ("diff 3", "You have not started 03_chat_consumer yet.\nStart it: "),
        ("hint", "Say which lesson"),
        ("hint ../3", "There is no lesson “../3”"),
        ("hint 3 fly", "Its tasks are: join"),
        ("solution", "Say which lesson"),
        ("solution 3 fly", "Its tasks are: join"),
        ("check 6 --further nosuch", "06_scaling_redis has no overlay “nosuch”.\nIt has: fanout, "),
        ("run 3 --example --mine", "--example goes alone: without --mine and --further."),
        ("run 6 --example --further fanout", "--example goes alone"),
        ("verify --times 2 --seeds 2", "--times and --seeds: choose one of them."),
        ("verify --quick --mutants", "--quick and --mutants: choose one of them."),
        ("verify --sample 8", "--sample goes with --mutants."),
    ],
)
def test_wrong_usage_names_cause_and_fix(workshop, tmp_path, arguments, shown):
    code, out, errors = workshop(*arguments.split())
    assert code == 2
    assert shown in errors
    assert out == ""
    assert not (tmp_path / "workspace").exists()


def test_a_day_in_the_workspace(workshop, tmp_path):
    folder = tmp_path / "workspace" / "03_chat_consumer"

    code, out, errors = workshop("list")
    assert (code, errors) == (0, "")
    row = next(line for line in out.splitlines() if "03  A chat with rooms" in line)
    assert row.split()[-4:] == ["65", "○○○○", "not", "started"]

    code, out, errors = workshop("start", "3")
    assert (code, errors) == (0, "")
    assert "workspace/03_chat_consumer is ready".replace("/", os.sep) in out
    assert "chat/rooms.py:" in out
    assert "check 03 --watch" in out

    rooms = folder / "chat" / "rooms.py"
    rooms.write_text("my work", encoding="utf-8")
    code, out, errors = workshop("start", "03_chat_consumer")
    assert (code, errors) == (0, "")
    assert "is there already, with your work. Nothing was changed." in out
    assert "You are at lesson 03 now." in out
    assert rooms.read_text(encoding="utf-8") == "my work"

    code, out, errors = workshop("start", "3", "--at", "leave")
    assert code == 2
    assert "reset 03 --at leave" in errors

    code, out, errors = workshop("diff", "3")
    assert (code, errors) == (0, "")
    assert out.startswith("--- yours/chat/consumers.py\n+++ reference/chat/consumers.py\n")
    assert "\n-my work\n" in out

    code, out, errors = workshop("reset", "3", "--at", "leave")
    assert (code, errors) == (0, "")
    (backup,) = (tmp_path / "workspace" / ".backup").iterdir()
    assert str(backup.relative_to(tmp_path)) in out
    assert (backup / "chat" / "rooms.py").read_text(encoding="utf-8") == "my work"
    assert "Leave" in out
    assert "Join" not in out

    rooms.unlink()
    code, out, errors = workshop("start", "3")
    assert (code, out) == (2, "")
    assert "some of its files are gone: chat/rooms.py" in errors
    assert "reset 03" in errors


def test_the_hints_end_at_the_solution(workshop):
    for number in (1, 2, 3):
        code, out, errors = workshop("hint", "3", "leave")
        assert (code, errors) == (0, "")
        assert f"Leave: hint {number} of 3" in out
    assert "solution 03 leave" in out
    code, out, errors = workshop("hint", "3", "leave")
    assert "all the hints again" in out
    assert out.count("group_discard") >= 2

    code, out, errors = workshop("solution", "3", "leave")
    assert (code, errors) == (0, "")
    assert "# chat/consumers.py\nasync def disconnect(self, code):\n" in out
    assert "not read" not in out
    code, out, errors = workshop("solution", "3")
    assert "There are 3 hints that you have not read: python workshop.py hint 03 join" in out


def test_list_as_json_is_one_document(workshop, tmp_path):
    workshop("start", "3")
    code, out, errors = workshop("list", "--json")
    assert (code, errors) == (0, "")
    document = json.loads(out)
    entry = next(e for e in document["lessons"] if e["lesson"] == "03_chat_consumer")
    assert document["version"] == 1
    assert entry["folder"] == str(tmp_path / "workspace" / "03_chat_consumer")
    assert [task["id"] for task in entry["tasks"]] == ["join", "leave", "receive", "deliver"]
    assert not any(task["passed"] for task in entry["tasks"])
    assert [e["current"] for e in document["lessons"]].count(True) == 1
    assert (entry["passed"], entry["best_score"], entry["minutes"]) == (False, 0, 65)


def test_a_broken_progress_file_is_reported_on_standard_error_only(workshop, tmp_path):
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "progress.json").write_text("{", encoding="utf-8")
    code, out, errors = workshop("list", "--json")
    assert code == 0
    assert json.loads(out)["version"] == 1
    assert "progress.json.broken" in errors


def test_lessons_speak_the_chosen_language(workshop):
    code, out, errors = workshop("--lang", "ru", "hint", "3", "leave")
    assert (code, errors) == (0, "")
    assert "Выйти" in out
    assert "отменяет" in out


def test_starting_existing_work_switches_to_it(workshop):
    workshop("start", "3")
    workshop("start", "5")
    assert _current(workshop) == "05_token_middleware"
    workshop("start", "3")
    assert _current(workshop) == "03_chat_consumer"


def _current(workshop):
    _code, out, _errors = workshop("list", "--json")
    (entry,) = [entry for entry in json.loads(out)["lessons"] if entry["current"]]
    return entry["lesson"]


def test_commands_are_shown_as_the_person_types_them(workshop, monkeypatch):
    monkeypatch.setenv("WORKSHOP_COMMAND", "python3 workshop.py")
    _code, out, _errors = workshop("start", "3")
    assert "Check on every save: python3 workshop.py check 03 --watch" in out
    _code, out, _errors = workshop("hint", "3", "join")
    assert "python3 workshop.py hint 03 join" in out
    _code, _out, errors = workshop("reset", "3", "--bad")
    assert errors.startswith("Usage: python3 workshop.py reset [OPTIONS] NN\n")
    _code, _out, errors = workshop("diff", "4")
    assert "Start it: python3 workshop.py start 04" in errors
    ini = Path("workspace", "03_chat_consumer", "pytest.ini").read_text(encoding="utf-8")
    assert "`python3 workshop.py check 03`" in ini


def test_what_this_machine_has_is_one_document(workshop):
    code, out, errors = workshop("doctor", "--json")
    assert (code, errors) == (0, "")
    findings = json.loads(out)
    assert [finding["name"] for finding in findings][:1] == ["Python"]
    for finding in findings:
        assert set(finding) == {"name", "fine", "detail", "fix", "optional"}
        assert finding["fine"] or finding["fix"]
    code, out, errors = workshop("doctor")
    assert code == 0
    assert "Python: " in out


def test_an_unknown_benchmark_is_refused_with_the_list(workshop):
    code, out, _errors = workshop("bench", "nothing", "--json")
    assert code == 2
    document = json.loads(out)
    assert document["message"] == "There is no benchmark “nothing”."
    assert "check" in document["fix"]


@pytest.mark.parametrize(
    ("arguments", "outdated", "code", "shown"),
    [
        ("tables", ["docs/en/index.md"], 0, "was rewritten."),
        ("tables --check", ["docs/en/index.md"], 1, "is out of date."),
        ("tables", [], 0, "Every table is up to date."),
        ("tables --check", [], 0, "Every table is up to date."),
    ],
)
def test_tables_are_rewritten_or_compared(workshop, monkeypatch, arguments, outdated, code, shown):
    asked = []

    def write_tables(check):
        asked.append(check)
        return [REPOSITORY / name for name in outdated]

    monkeypatch.setattr("channels_workshop.authoring.tables.write_tables", write_tables)
    monkeypatch.setattr("channels_workshop.cli.verbs_page.write_verbs", lambda check: [])
    ended, out, errors = workshop(*arguments.split())
    assert (ended, errors) == (code, "")
    assert asked == ["--check" in arguments]
    assert shown in out
    assert all(str(Path(name)) in out for name in outdated)


@pytest.fixture
def half_a_proof(monkeypatch):
    """`verify` has come as far as the reference when Ctrl-C is pressed."""

    def verify(lessons, on_outcome, times, seeds, proof, jobs, *, thorough):
        proof.lessons += map(LessonProof, lessons)
        outcome = Outcome(Trial(lessons[0], "reference"), "pass", [], ran=["binary"])
        on_outcome(outcome)
        proof.lessons[0].outcomes.append(outcome)
        raise KeyboardInterrupt

    monkeypatch.setattr("channels_workshop.authoring.verify.verify", verify)
    ended = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, ended)


def test_a_proof_that_is_ended_early_says_what_it_has_found(workshop, half_a_proof):
    code, out, errors = workshop("verify", "3", "--json")
    assert code == 130
    document = json.loads(out)
    assert (document["version"], document["ok"]) == (1, False)
    assert document["lessons"][0]["reference"] == "pass"
    assert document["lessons"][0]["complete"] is False
    # How far it is goes to standard error, a line at a time.
    assert re.fullmatch(r"1/\d+ ✓ 03_chat_consumer reference\n", errors)

    code, out, errors = workshop("verify", "3")
    assert code == 130
    assert "✓ the reference passes" in out
    assert "✗ every trial was made  1 so far" in out
    assert "the starter" not in out


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_proof_can_be_ended_from_outside(workshop, half_a_proof):
    workshop("verify", "3", "--json")
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler


def test_an_error_of_the_system_names_the_file(workshop, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), "a/file")

    monkeypatch.setattr("channels_workshop.learner.overview.standings", refuse)
    code, out, errors = workshop("list", "--json")
    assert code == 2
    assert json.loads(out)["message"] == f"a/file: {os.strerror(errno.EACCES)}"
    assert "Fix that and try again." in errors


# --- in a process of its own, in a checkout that a test may break


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of the checkout, as far as the verbs need it, in a folder with spaces."""
    checkout = tmp_path_factory.mktemp("a person's files") / "my workshop"
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.sqlite3")
    for name in ("src", "lessons"):
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=ignore)
    return checkout


def run_in(checkout, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "channels_workshop", *arguments],
        cwd=checkout.parent,
        env={
            **{name: value for name, value in os.environ.items() if name != "WORKSHOP_WORKSPACE"},
            "PYTHONPATH": str(checkout / "src"),
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_names_with_spaces_and_another_folder(checkout):
    run = run_in(checkout, "start", "3")
    assert (run.returncode, run.stderr) == (0, "")
    assert (checkout / "workspace" / "03_chat_consumer" / "manage.py").is_file()
    run = run_in(checkout, "list")
    assert str(Path("my workshop", "workspace", "03_chat_consumer")) in run.stdout
    # Colour and lines are for a terminal alone.
    assert "\x1b" not in run.stdout
    assert "─" not in run.stdout


def test_on_a_terminal_there_is_a_table_and_colour(checkout):
    environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "100"}
    run = run_in(checkout, "list", **environment)
    assert (run.returncode, run.stderr) == (0, "")
    assert "───" in run.stdout
    assert "\x1b[" in run.stdout
    run = run_in(checkout, "solution", "3", "leave", **environment)
    assert "\x1b[" in run.stdout


@pytest.mark.parametrize("tongue", ["en", "ru"])
def test_help_names_every_verb_with_its_whole_sentence(checkout, tongue):
    run = run_in(checkout, "--lang", tongue, "--help", COLUMNS="60")
    assert (run.returncode, run.stderr) == (0, "")
    for verb in VERBS:
        # A sentence that was cut short would end in dots.
        entry = re.search(rf"^  {verb} .*\n(?: {{6,}}.*\n)*", run.stdout, re.MULTILINE)[0]
        assert entry.rstrip().endswith("."), entry
        assert not entry.rstrip().endswith("..."), entry


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "test"])
def test_help_in_russian_is_wholly_in_russian(checkout, verb):
    run = run_in(checkout, "--lang", "ru", verb, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    options = set(re.findall(r"(?<=--)[a-z]+(?:-[a-z]+)*", run.stdout))
    known = {verb, "workshop", "python", "JSON", "Ctrl", "lesson", "toml"}
    known |= {part for option in options for part in option.split("-")}
    known |= {"grade", "Dask", "local", "CSV", "TOML", "JupyterLab", "Code", "PyCharm"}
    known |= {"Python", "notebooks"}
    # What is typed as it stands: values to choose from, and folders.
    for values in re.findall(r"\[([a-z|-]+)\]|([a-z]+)/", run.stdout):
        known |= set(re.split(r"[|-]", "|".join(values)))
    assert set(re.findall(r"[A-Za-z]{3,}", run.stdout)) <= known


def test_a_verb_loads_itself_and_no_other(checkout):
    code = """
import sys
from channels_workshop.cli import main
sys.argv[1:] = ["list"]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0
    loaded = set(run.stderr.split())
    assert {verb for verb in VERBS if f"channels_workshop.cli.{verb}" in loaded} == {"list"}
    assert not {"pytest", "django", "uvicorn", "channels_workshop.judging.judge"} & loaded


@pytest.mark.parametrize(
    ("broken", "verb", "shown"),
    [
        ("lesson.toml", "list", "lesson.toml:2: "),
        ("lesson.toml", "start 3", "lesson.toml:2: "),
        ("stubs/receive.py", "start 3", "receive.py is missing"),
    ],
)
def test_a_broken_lesson_is_named_by_file_and_line(checkout, broken, verb, shown):
    lesson = checkout / "lessons" / "03_chat_consumer"
    path = lesson / broken
    whole = path.read_text(encoding="utf-8")
    try:
        if path.suffix == ".toml":
            path.write_text(whole.replace("minutes = ", "minutes = 'long' #", 1), encoding="utf-8")
        else:
            path.unlink()
        run = run_in(checkout, *verb.split(), WORKSHOP_WORKSPACE=str(checkout / "elsewhere"))
    finally:
        path.write_text(whole, encoding="utf-8", newline="\n")
    assert run.returncode == 2
    assert shown in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    assert not (checkout / "elsewhere").exists()
