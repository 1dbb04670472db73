"""The learner: nothing of their work is ever lost, and what is said about it is true."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath

import msgspec
import pytest

from channels_workshop.course.copies import write_project
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.places import is_begun, places_in, task_at
from channels_workshop.course.sections import BrokenSection, for_learner
from channels_workshop.errors import WorkshopError
from channels_workshop.judging.failure import DoesNotRun
from channels_workshop.judging.judge import Judge
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.learner import workspace as workspace_module
from channels_workshop.learner.attempt import Attempt, attempt_in, own_attempt
from channels_workshop.learner.hints import next_hint
from channels_workshop.learner.missing import missing_module
from channels_workshop.learner.overview import standings
from channels_workshop.learner.progress import Progress
from channels_workshop.learner.solutions import difference, solution
from channels_workshop.learner.watch import changes
from channels_workshop.learner.workspace import Workspace

#: Seconds that a save may take to be noticed before a test is called off.
PATIENCE = 30

EVERY_TASK = ["join", "leave", "receive", "deliver"]


@pytest.fixture
def lesson():
    return find_lesson("3")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    # A name with a space and another script, as people have them.
    root = tmp_path / "мои files" / "workspace"
    monkeypatch.setenv("WORKSHOP_WORKSPACE", str(root))
    return Workspace()


@pytest.fixture
def progress(workspace):
    notices = []
    progress = Progress(workspace.root, notices.append)
    progress.notices = notices
    return progress


@pytest.fixture
def lesson_of_our_own(lesson, tmp_path):
    """Return a copy of the lesson that a test may break."""
    folder = tmp_path / "lessons" / lesson.name
    shutil.copytree(lesson.folder, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return load_lesson(folder)


def contents(folder):
    """Return all files below `folder` with what is in them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def write_solution(lesson, folder):
    """Put the reference's files in the place of a learner's."""
    for path in lesson.project_files:
        if path.parts[0] == "chat":
            shutil.copyfile(lesson.folder / path, folder / path)


def verdict_on(lesson, *, passed_tasks):
    results = [
        Result(check.id, check.task, "pass" if check.task in passed_tasks else "fail", check.points)
        for check in lesson.checks
    ]
    return Verdict(lesson.name, "here", results)


# --- start and reset


def test_a_started_lesson_is_the_whole_project_with_stubs_between_task_markers(lesson, workspace):
    folder = workspace.start(lesson)
    files = contents(folder)
    assert set(map(str, lesson.project_files)) <= set(files)
    assert not any(b"--8<--" in content for content in files.values())
    stubs = lesson.stubs
    for name, section in lesson.sections.items():
        path = section.path.relative_to(lesson.folder).as_posix()
        text = files[path].decode()
        if name not in stubs:  # only a page or a mistake names it
            assert f"TASK {name}" not in text
            continue
        body = text.partition(f"# TASK {name}\n")[2].partition(f"# END {name}")[0]
        stub = stubs[name]
        assert [line.strip() for line in body.strip().splitlines()] == [
            line.strip() for line in stub.strip().splitlines()
        ]


def test_the_reference_is_not_touched(lesson_of_our_own, workspace):
    before = contents(lesson_of_our_own.folder)
    workspace.start(lesson_of_our_own)
    workspace.reset(lesson_of_our_own, "leave")
    assert contents(lesson_of_our_own.folder) == before


def test_the_agreement_comes_along(lesson_of_our_own, workspace):
    (lesson_of_our_own.folder / "README.md").write_text("The agreement\n", encoding="utf-8")
    folder = workspace.start(lesson_of_our_own)
    assert (folder / "README.md").read_text(encoding="utf-8") == "The agreement\n"


def test_at_fills_the_tasks_before_it(lesson, workspace):
    folder = workspace.start(lesson, at="leave")
    consumers = (folder / "chat/consumers.py").read_text(encoding="utf-8")
    sections = lesson.sections
    assert sections["connect"].body.strip() in consumers
    assert sections["group_name"].body.strip() in (folder / "chat/rooms.py").read_text("utf-8")
    assert sections["disconnect"].body.strip() not in consumers
    assert "# TASK connect" in consumers


def test_starting_again_changes_nothing(lesson, workspace):
    folder = workspace.start(lesson)
    (folder / "chat/consumers.py").write_text("my work", encoding="utf-8")
    before = contents(workspace.root)
    assert workspace.start(lesson) == folder
    assert contents(workspace.root) == before


def test_starting_again_at_a_task_is_refused_and_changes_nothing(lesson, workspace):
    workspace.start(lesson)
    before = contents(workspace.root)
    with pytest.raises(WorkshopError) as error:
        workspace.start(lesson, at="leave")
    assert "reset 03 --at leave" in str(error.value.fix)
    assert contents(workspace.root) == before


@pytest.mark.parametrize("verb", ["start", "reset"])
def test_an_unknown_task_is_refused_with_the_list(lesson, workspace, verb):
    with pytest.raises(WorkshopError) as error:
        getattr(workspace, verb)(lesson, at="fly")
    assert "fly" in str(error.value.message)
    assert "join, leave, receive, deliver" in str(error.value.fix)
    assert not workspace.root.exists()


def test_a_half_deleted_folder_is_reported_and_reset_keeps_what_is_left(lesson, workspace):
    folder = workspace.start(lesson)
    (folder / "chat/consumers.py").write_text("my work", encoding="utf-8")
    (folder / "chat/rooms.py").unlink()
    (folder / "manage.py").unlink()
    before = contents(folder)
    with pytest.raises(WorkshopError) as error:
        workspace.start(lesson)
    assert "chat/rooms.py" in str(error.value.message)
    assert "manage.py" in str(error.value.message)
    assert "reset 03" in str(error.value.fix)
    assert contents(folder) == before
    backup = workspace.reset(lesson)
    assert contents(backup) == before
    assert workspace.missing(lesson) == []


def test_reset_moves_the_work_aside_and_starts_over(lesson, workspace):
    folder = workspace.start(lesson)
    fresh = contents(folder)
    (folder / "chat/consumers.py").write_text("first", encoding="utf-8")
    first = workspace.reset(lesson)
    assert contents(folder) == fresh
    (folder / "chat/consumers.py").write_text("second", encoding="utf-8")
    second = workspace.reset(lesson)
    # Both within one second: neither takes the other's place.
    assert (first / "chat/consumers.py").read_text(encoding="utf-8") == "first"
    assert (second / "chat/consumers.py").read_text(encoding="utf-8") == "second"
    assert first.parent == second.parent == workspace.root / ".backup"


def test_reset_of_what_was_never_started_starts_it(lesson, workspace):
    assert workspace.reset(lesson) is None
    assert workspace.is_started(lesson)


def test_starting_over_forgets_what_passed_but_not_the_best_score(lesson, workspace, progress):
    workspace.start(lesson)
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    next_hint(lesson, "join", progress)
    workspace.reset(lesson)
    state = progress.lesson_state(lesson)
    assert (state.checks, state.hints, state.passed) == ({}, {}, False)
    assert state.best_score == sum(check.points for check in lesson.checks)


def test_what_is_not_started_is_reported_with_the_fix(lesson, workspace):
    with pytest.raises(WorkshopError) as error:
        workspace.started_folder(lesson)
    assert "start 03" in str(error.value.fix)


def test_places_name_the_lines_of_the_tasks(lesson, workspace):
    folder = workspace.start(lesson)
    places = workspace.places(lesson)
    assert [place.section for place in places] == [n for t in lesson.tasks for n in t.sections]
    for place in places:
        line = (folder / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]
        assert line.strip() == f"# TASK {place.section}"


def test_a_task_is_begun_once_something_else_stands_in_the_place_of_its_stubs(lesson, workspace):
    def begun():
        places = workspace.places(lesson)
        return [task.id for task in lesson.tasks if is_begun(task, places)]

    folder = workspace.start(lesson, at="receive")
    assert begun() == ["join", "leave"]
    # One of the two sections of `receive`; what an editor does with white space is no beginning.
    frames = folder / "chat/frames.py"
    text = frames.read_text(encoding="utf-8")
    frames.write_text(text.replace("# END", "\n\n# END").replace("\n", "\r\n"), encoding="utf-8")
    assert begun() == ["join", "leave"]
    stub = 'raise BadFrame("not_written")'
    assert stub in text
    frames.write_text(text.replace(stub, 'return "hello"'), encoding="utf-8")
    assert begun() == ["join", "leave", "receive"]
    # Who takes the markers away goes a way of their own.
    consumers = folder / "chat/consumers.py"
    lines = consumers.read_text(encoding="utf-8").splitlines(keepends=True)
    consumers.write_text("".join(line for line in lines if "TASK" not in line), encoding="utf-8")
    assert begun() == [task.id for task in lesson.tasks]


def test_deleted_markers_and_odd_files_do_no_harm(lesson, workspace):
    folder = workspace.start(lesson)
    path = folder / "chat/consumers.py"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if "TASK" not in x and "END" not in x), "utf-8")
    (folder / "chat/rooms.py").write_bytes(b"\xff\xfe\x00")
    assert [place.section for place in workspace.places(lesson)] == ["read_message"]
    assert workspace.start(lesson) == folder


def test_an_error_belongs_to_the_task_whose_section_it_stands_in(lesson, workspace):
    folder = workspace.start(lesson)
    for place in workspace.places(lesson):
        file = str(place.path)
        assert task_at(lesson, folder, file, place.line + 1) == place.task
    # Above all sections, and in a file without markers, the first task of the file is meant.
    assert task_at(lesson, folder, "chat/frames.py", 1).id == "receive"
    (folder / "chat/consumers.py").write_text("def x(:", encoding="utf-8")
    assert task_at(lesson, folder, "chat/consumers.py", 1).id == "join"
    assert task_at(lesson, folder, "chat/frames.py", None).id == "receive"
    assert task_at(lesson, folder, "chat/views.py", 3) is None


def test_the_reference_holds_every_task(lesson):
    assert all(is_begun(task, places_in(lesson, lesson.folder)) for task in lesson.tasks)


def test_starting_leaves_the_lesson_as_it_was_read(lesson, workspace):
    """Parts of a lesson are read once, and shared."""
    stubs = dict(lesson.stubs)
    workspace.start(lesson, at="receive")
    assert lesson.stubs == stubs


def age(folder, seconds):
    """Make all files below `folder` so much older than they are."""
    for path in folder.rglob("*"):
        changed = path.stat().st_mtime - seconds
        os.utime(path, (changed, changed))


def test_who_edits_the_reference_in_place_of_their_own_files_is_noticed(
    lesson_of_our_own, workspace
):
    lesson = lesson_of_our_own
    age(lesson.folder, 1000)
    folder = workspace.start(lesson)
    age(folder, 100)
    assert workspace.edited_reference(lesson) == []
    (lesson.folder / "README.md").touch()  # no file of a learner
    assert workspace.edited_reference(lesson) == []
    (lesson.folder / "chat/rooms.py").touch()
    assert workspace.edited_reference(lesson) == [PurePosixPath("chat/rooms.py")]
    # Somebody who works on files of their own is in the right place.
    (folder / "chat/frames.py").touch()
    assert workspace.edited_reference(lesson) == []
    (folder / "pytest.ini").unlink()
    assert workspace.edited_reference(lesson) == []


# --- a disk or a system that refuses


def _copies_until_the_disk_is_full(lesson, folder, stubs):
    write_project(lesson, folder, stubs)
    (folder / "manage.py").write_text("half", encoding="utf-8")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _copies_until_interrupted(lesson, folder, stubs):
    write_project(lesson, folder, stubs)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("stopped", "raised"),
    [
        (_copies_until_the_disk_is_full, WorkshopError),
        (_copies_until_interrupted, KeyboardInterrupt),
    ],
)
def test_what_stops_half_way_leaves_nothing_half_made(
    lesson, workspace, monkeypatch, stopped, raised
):
    monkeypatch.setattr(workspace_module, "write_project", stopped)
    with pytest.raises(raised):
        workspace.start(lesson)
    assert list(workspace.root.iterdir()) == []
    monkeypatch.undo()

    folder = workspace.start(lesson)
    (folder / "chat/consumers.py").write_text("my work", encoding="utf-8")
    before = contents(workspace.root)
    monkeypatch.setattr(workspace_module, "write_project", stopped)
    with pytest.raises(raised):
        workspace.reset(lesson)
    assert contents(workspace.root) == before


def test_a_new_folder_that_cannot_take_its_place_brings_the_old_one_back(
    lesson, workspace, monkeypatch
):
    folder = workspace.start(lesson)
    before = contents(folder)
    rename = Path.rename

    def refuse_the_new_one(path, target):
        if path.parent.name.startswith(".new-"):
            raise PermissionError(errno.EACCES, "in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(WorkshopError) as error:
        workspace.reset(lesson)
    assert "in use" in str(error.value.message)
    assert contents(folder) == before


@pytest.fixture
def full_disk(tmp_path):
    """Return a file system with next to no room on it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs Linux and root, to mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _fill(path):
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_named_and_loses_nothing(lesson, full_disk):
    workspace = Workspace(full_disk)
    folder = workspace.start(lesson)
    (folder / "chat/consumers.py").write_text("my work", encoding="utf-8")
    filler = full_disk / "filler"
    _fill(filler)
    before = contents(full_disk)
    with pytest.raises(WorkshopError) as error:
        workspace.reset(lesson)
    assert os.strerror(errno.ENOSPC) in str(error.value.message)
    assert contents(full_disk) == before
    filler.unlink()
    assert (workspace.reset(lesson) / "chat/consumers.py").read_text("utf-8") == "my work"


def test_a_workspace_that_is_a_file_is_reported_and_kept(lesson, workspace):
    workspace.root.parent.mkdir(parents=True)
    workspace.root.write_text("mine", encoding="utf-8")
    for verb in (workspace.start, workspace.reset):
        with pytest.raises(WorkshopError) as error:
            verb(lesson)
        assert str(workspace.root) in str(error.value.message)
        assert "WORKSHOP_WORKSPACE" in str(error.value.fix)
    assert workspace.root.read_text(encoding="utf-8") == "mine"


def _make_link(link, target):
    try:
        link.symlink_to(target)
    except OSError as error:
        pytest.skip(f"no links can be made here: {error}")


def test_a_workspace_that_is_a_broken_link_is_reported(lesson, workspace):
    workspace.root.parent.mkdir(parents=True)
    _make_link(workspace.root, workspace.root.with_name("nowhere"))
    with pytest.raises(WorkshopError) as error:
        workspace.start(lesson)
    assert str(workspace.root) in str(error.value.message)
    assert workspace.root.is_symlink()


def test_a_file_in_the_place_of_a_lesson_is_reported_and_moved_aside_by_reset(lesson, workspace):
    workspace.root.mkdir(parents=True)
    workspace.folder(lesson).write_text("mine", encoding="utf-8")
    with pytest.raises(WorkshopError) as error:
        workspace.start(lesson)
    assert "reset 03" in str(error.value.fix)
    assert workspace.reset(lesson).read_text(encoding="utf-8") == "mine"
    assert workspace.missing(lesson) == []


def test_a_missing_stub_is_named_and_nothing_is_made(lesson_of_our_own, workspace):
    (lesson_of_our_own.folder / "stubs" / "receive.py").unlink()
    with pytest.raises(BrokenSection) as error:
        workspace.start(lesson_of_our_own)
    assert "receive.py is missing" in str(error.value.message)
    assert not workspace.root.exists()


# --- progress


def test_nothing_is_passed_before_the_first_check(lesson, progress):
    state = progress.lesson_state(lesson)
    assert not state.passed
    assert not any(state.passed_task(lesson, task) for task in lesson.tasks)
    assert progress.current_task(lesson).id == "join"


def test_a_verdict_is_kept_task_by_task(lesson, progress):
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join", "receive"]))
    state = progress.lesson_state(lesson)
    passed = [task.id for task in lesson.tasks if state.passed_task(lesson, task)]
    assert passed == ["join", "receive"]
    assert progress.current_task(lesson).id == "leave"
    assert not state.passed


def test_one_failed_check_fails_its_task_and_one_not_run_does_not(lesson, progress):
    verdict = verdict_on(lesson, passed_tasks=EVERY_TASK)
    verdict.checks[0].status = "not_run"
    next(check for check in verdict.checks if check.task == "leave").status = "error"
    progress.record(lesson, verdict)
    state = progress.lesson_state(lesson)
    assert state.passed_task(lesson, lesson.task("join"))
    assert not state.passed_task(lesson, lesson.task("leave"))


def test_a_passed_lesson_stays_passed_while_its_tasks_follow_the_last_check(lesson, progress):
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    passed_at = progress.lesson_state(lesson).passed_at
    best = progress.lesson_state(lesson).best_score
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    state = progress.lesson_state(lesson)
    assert state.passed_at == passed_at
    assert state.best_score == best > 0
    assert progress.current_task(lesson).id == "leave"


def test_the_current_lesson_is_the_first_that_has_not_passed(lesson, lesson_of_our_own, progress):
    folder = lesson_of_our_own.folder
    later = load_lesson(folder.rename(folder.with_name("04_later")))
    assert progress.current_lesson([lesson, later]) is lesson
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    assert progress.current_lesson([lesson, later]) is later
    progress.record(later, verdict_on(later, passed_tasks=EVERY_TASK))
    assert progress.current_lesson([lesson, later]) is later


@pytest.fixture
def three(lesson_of_our_own):
    """Return lessons 03, 04 and 05, all alike."""
    folder = lesson_of_our_own.folder
    folders = [folder.with_name(f"0{number}_lesson") for number in (3, 4, 5)]
    for other in folders:
        shutil.copytree(folder, other)
    return [load_lesson(other) for other in folders]


def test_what_was_touched_last_is_resumed(three, progress, workspace):
    third, fourth, fifth = three
    workspace.start(fifth)
    assert progress.current_lesson(three) is fifth
    workspace.start(third)
    assert progress.current_lesson(three) is third
    # Existing work is switched to, and stays as it is.
    before = contents(workspace.folder(fifth))
    workspace.start(fifth)
    assert progress.current_lesson(three) is fifth
    assert contents(workspace.folder(fifth)) == before
    progress.record(fourth, verdict_on(fourth, passed_tasks=["join"]))
    assert progress.current_lesson(three) is fourth
    progress.touch(third)
    assert progress.current_lesson(three) is third
    # Reading a hint is no change of place.
    next_hint(fourth, "join", progress)
    assert progress.current_lesson(three) is third


def test_after_a_lesson_that_has_passed_comes_the_next_that_has_not(three, progress):
    third, fourth, fifth = three
    progress.record(fifth, verdict_on(fifth, passed_tasks=EVERY_TASK))
    progress.record(fourth, verdict_on(fourth, passed_tasks=EVERY_TASK))
    assert progress.current_lesson(three) is third  # none after it is left
    progress.record(third, verdict_on(third, passed_tasks=EVERY_TASK))
    assert progress.current_lesson(three) is fifth
    progress.start_over(fourth)
    progress.touch(third)
    assert progress.current_lesson(three) is fourth
    assert progress.current_lesson([third]) is third


def test_touching_again_writes_nothing(lesson, progress, workspace):
    progress.touch(lesson)
    path = progress.path
    assert path == workspace.root / "progress.json"
    stamp = path.stat()
    progress.touch(lesson)
    assert path.stat().st_ino == stamp.st_ino


@pytest.mark.parametrize("broken", [DoesNotRun("SyntaxError", "chat/frames.py", 3), None])
def test_a_project_that_does_not_start_takes_nothing_away(lesson, progress, broken):
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join", "leave"]))
    before = progress.lesson_state(lesson)
    verdict = verdict_on(lesson, passed_tasks=[])
    verdict.broken = broken
    assert progress.record(lesson, verdict) == []
    state = progress.lesson_state(lesson)
    if broken:
        assert state == before
        assert progress.current_task(lesson).id == "receive"
    else:  # it started, and failed: that is another matter
        assert progress.current_task(lesson).id == "join"


def test_a_check_that_was_left_out_keeps_its_status(lesson, progress):
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join", "leave"]))
    verdict = verdict_on(lesson, passed_tasks=["join"])
    for result in verdict.checks:
        if result.task == "leave":
            result.status, result.is_left_out = "not_run", True
    progress.record(lesson, verdict)
    state = progress.lesson_state(lesson)
    assert state.passed_task(lesson, lesson.task("leave"))
    assert not state.passed_task(lesson, lesson.task("receive"))


def test_tasks_that_are_newly_done_are_named_once(lesson, progress):
    def done(*passed_tasks):
        verdict = verdict_on(lesson, passed_tasks=passed_tasks)
        return [task.id for task in progress.record(lesson, verdict)]

    assert done("join") == ["join"]
    assert done("join") == []
    assert done("join", "leave", "receive") == ["leave", "receive"]
    assert done("leave", "receive") == []
    assert done(*EVERY_TASK) == ["join", "deliver"]


def test_a_progress_file_of_an_earlier_version_is_read(lesson, progress, workspace):
    workspace.root.mkdir(parents=True)
    checks = dict.fromkeys([check.id for check in lesson.checks if check.task == "join"], "pass")
    state = {"checks": checks, "hints": {"join": 2}, "best_score": 7, "passed_at": None}
    document = {"version": 1, "lessons": {lesson.name: state}}
    progress.path.write_text(json.dumps(document), encoding="utf-8")
    assert progress.current_lesson([lesson]) is lesson
    assert progress.current_task(lesson).id == "leave"
    progress.touch(lesson)
    kept = json.loads(progress.path.read_text(encoding="utf-8"))
    assert kept["lessons"] == document["lessons"]
    assert kept["last_lesson"] == lesson.name
    assert progress.notices == []


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"lessons": 3}',
        b'{"lessons": {"a": {"checks": {"b": "x"}}}}',
        b'{"lessons": {"\xff": {}}}',
    ],
)
def test_a_broken_progress_file_is_moved_aside(lesson, progress, workspace, broken):
    workspace.root.mkdir(parents=True)
    path = workspace.root / "progress.json"
    path.write_bytes(broken)
    assert not progress.lesson_state(lesson).passed
    aside = workspace.root / "progress.json.broken"
    assert aside.read_bytes() == broken
    assert len(progress.notices) == 1
    assert str(aside) in str(progress.notices[0])
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    assert progress.current_task(lesson).id == "leave"


def test_progress_that_cannot_be_kept_is_reported_once_and_stops_nothing(
    lesson, progress, workspace
):
    (workspace.root / "progress.json").mkdir(parents=True)
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    assert progress.show_hint(lesson, lesson.task("join")) == 1
    assert progress.notices
    assert len(progress.notices) == len(set(map(str, progress.notices)))
    assert [path.name for path in workspace.root.iterdir()] == ["progress.json"]


def test_standings_say_what_is_started_passed_and_next(lesson, workspace, progress):
    (before,) = standings([lesson], workspace, progress)
    assert (before.folder, before.is_current) == (None, True)
    folder = workspace.start(lesson)
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    (after,) = standings([lesson], workspace, progress)
    assert after.folder == folder
    assert [task.id for task in after.passed_tasks] == ["join"]
    assert standings([], workspace, progress) == []


# --- hints and answers


def test_each_call_shows_the_next_hint_and_then_all_again(lesson, progress):
    texts = [hint.en.strip() for hint in lesson.task("leave").hints]
    for number, text in enumerate(texts, 1):
        hint = next_hint(lesson, "leave", progress)
        assert (hint.number, hint.most, hint.texts) == (number, len(texts), [text])
        assert hint.is_last == (number == len(texts))
        assert not hint.is_repetition
    again = next_hint(lesson, "leave", progress)
    assert again.is_repetition
    assert again.is_last
    assert again.texts == texts


def test_a_hint_is_for_the_first_task_that_has_not_passed(lesson, progress):
    assert next_hint(lesson, None, progress).task.id == "join"
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join", "leave"]))
    assert next_hint(lesson, None, progress).task.id == "receive"
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    assert next_hint(lesson, None, progress) is None
    assert next_hint(lesson, "join", progress).number == 2


def test_a_hint_for_an_unknown_task_lists_the_tasks(lesson, progress):
    for ask in (next_hint, solution):
        with pytest.raises(WorkshopError) as error:
            ask(lesson, "fly", progress)
        assert "join, leave, receive, deliver" in str(error.value.fix)


def test_the_solution_is_the_reference_and_counts_the_hints_left(lesson, progress):
    next_hint(lesson, "join", progress)
    (answer,) = solution(lesson, None, progress)
    assert [section.name for section in answer.sections] == ["group_name", "connect"]
    assert answer.sections[0].text in (lesson.folder / "chat/rooms.py").read_text("utf-8")
    assert (answer.is_passed, answer.hints_left) == (False, len(answer.task.hints) - 1)
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    answers = solution(lesson, None, progress)
    assert [answer.task.id for answer in answers] == EVERY_TASK
    assert all(answer.is_passed for answer in answers)


def test_the_solved_project_differs_in_nothing_markers_or_not(lesson, workspace):
    folder = workspace.start(lesson)
    assert difference(lesson, folder) != ""
    write_solution(lesson, folder)
    assert difference(lesson, folder) == ""
    path = folder / "chat/consumers.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(for_learner(text, lesson.stubs), encoding="utf-8")
    assert "# TASK connect\n" in path.read_text(encoding="utf-8")
    assert difference(lesson, folder) == ""
    path.write_text("".join(x for x in text.splitlines(True) if "--8<--" not in x), "utf-8")
    assert difference(lesson, folder) == ""


def test_a_difference_goes_from_yours_to_the_reference(lesson, workspace):
    folder = workspace.start(lesson)
    write_solution(lesson, folder)
    rooms = folder / "chat/rooms.py"
    rooms.write_text(rooms.read_text("utf-8").replace("MAX_ROOM_NAME = 200", "MAX_ROOM_NAME = 7"))
    (folder / "chat/views.py").unlink()
    (folder / "chat/mine.py").write_text("x = 1\n", encoding="utf-8")
    (folder / "chat/static/chat/picture.png").write_bytes(b"\x89PNG\xff")
    (folder / "notes.txt").write_text("not submitted", encoding="utf-8")
    text = difference(lesson, folder)
    assert "\n-MAX_ROOM_NAME = 7\n+MAX_ROOM_NAME = 200\n" in text
    assert "--- /dev/null\n+++ reference/chat/views.py\n" in text
    assert "--- yours/chat/mine.py\n+++ /dev/null\n" in text
    assert "chat/static/chat/picture.png differs and is not text." in text
    assert "notes.txt" not in text


# --- watching


@pytest.fixture
def stop():
    """Return an event that ends the watching, at the latest when patience does."""
    stop = threading.Event()
    timer = threading.Timer(PATIENCE, stop.set)
    timer.start()
    yield stop
    timer.cancel()
    stop.set()


def test_a_save_is_noticed_and_named(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    for text in ("one", "two"):
        (folder / "chat/rooms.py").write_text(text, encoding="utf-8")
        assert next(saves) == [PurePosixPath("chat/rooms.py")]
    (folder / "chat/views.py").unlink()
    assert next(saves) == [PurePosixPath("chat/views.py")]
    (folder / "chat/sub").mkdir()
    (folder / "chat/sub/new.py").write_text("", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/sub/new.py")]


def test_what_is_saved_meanwhile_is_one_item(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    (folder / "chat/rooms.py").write_text("one", encoding="utf-8")
    (folder / "config/urls.py").write_text("one", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/rooms.py"), PurePosixPath("config/urls.py")]


def test_only_submitted_files_count(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    (folder / "chat/__pycache__").mkdir()
    for name in (
        "README.md",
        "db.sqlite3",
        "chat/__pycache__/rooms.cpython-311.pyc",
        "chat/.rooms.py.swp",
        "chat/4913",
        "chat/rooms.py~",
        "chat/#rooms.py#",
        "chat/rooms.py.tmp",
        "chat/rooms.bak",
        "chat/rooms.py___jb_tmp___",
        "chat/.#rooms.py",
        "chat/.DS_Store",
        "chat/conftest.py",
        "tests.py",
    ):
        (folder / name).write_text("noise", encoding="utf-8")
    # The sentinel: whatever the noise had caused would have come before it, or with it.
    (folder / "chat/rooms.py").write_text("a save", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/rooms.py")]


def test_folders_that_come_and_go_do_not_end_the_watching(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    gone = threading.Event()

    def come_and_go():
        for _ in range(300):
            (folder / "chat/cache/deep").mkdir(parents=True)
            shutil.rmtree(folder / "chat/cache")
        gone.set()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    number = 0
    while not gone.is_set():
        number += 1
        (folder / "chat/rooms.py").write_text(f"{number}", encoding="utf-8")
        assert next(saves) == [PurePosixPath("chat/rooms.py")]
    thread.join()


def test_watching_goes_on_after_a_reset(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    (folder / "chat/rooms.py").write_text("one", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/rooms.py")]
    workspace.reset(lesson)
    assert PurePosixPath("chat/rooms.py") in next(saves)
    (folder / "chat/views.py").write_text("two", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/views.py")]


def test_watching_ends_when_asked(lesson, workspace, stop):
    saves = changes(lesson, workspace.start(lesson), stop)
    stop.set()
    assert next(saves, "ended") == "ended"


# --- checking


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        judge.warm()
        yield judge


def check(attempt, judge, only):
    job = msgspec.structs.replace(attempt.job(), only=only)
    return attempt.judged(judge.verdict(job))


def test_what_is_not_started_cannot_be_checked(lesson, workspace):
    with pytest.raises(WorkshopError) as error:
        own_attempt(lesson)
    assert "start 03" in str(error.value.fix)


def test_a_check_keeps_progress_of_the_learners_own_work_only(lesson, workspace, judge):
    folder = workspace.start(lesson, at="receive")
    only = ["refuses_bad_names", "binary"]
    judged = check(attempt_in(lesson, lesson.folder), judge, only)
    assert (judged.verdict.status, judged.failures, judged.newly_done) == ("pass", [], [])
    assert Progress().lesson_state(lesson).checks == {}

    # Nothing is wrong with a task that nobody has begun; it is what comes next.
    judged = check(own_attempt(lesson), judge, only)
    assert (judged.verdict.status, judged.failures) == ("fail", [])
    assert judged.next_task.id == "receive"
    assert [str(place.path) for place in judged.places_of(judged.next_task)] == [
        "chat/frames.py",
        "chat/consumers.py",
    ]
    kept = Progress().lesson_state(lesson).checks
    assert kept == {"refuses_bad_names": "pass", "binary": "fail"}

    frames = folder / "chat/frames.py"
    text = frames.read_text(encoding="utf-8")
    frames.write_text(text.replace('BadFrame("not_written")', "KeyError"), encoding="utf-8")
    judged = check(own_attempt(lesson), judge, only)
    (result,) = judged.failures
    assert result.id == "binary"
    assert "not_written" in str(result.failure.actual)  # by the stub of `receive`
    assert judged.next_task is None

    write_solution(lesson, folder)
    judged = check(attempt_in(lesson, folder), judge, only)
    assert (judged.verdict.status, judged.failures) == ("pass", [])
    assert Progress().lesson_state(lesson).checks == dict.fromkeys(only, "pass")


def judged(attempt, **statuses):
    """Return what a verdict means in which the checks named have these statuses, others pass."""
    results = [
        Result(check.id, check.task, statuses.get(check.id, "pass"), check.points)
        for check in attempt.lesson.checks
    ]
    return attempt.judged(Verdict(attempt.lesson.name, str(attempt.folder), results))


def test_the_task_in_hand_is_judged_first(lesson, workspace, progress):
    workspace.start(lesson)
    assert own_attempt(lesson).job().first == "join"
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join", "leave"]))
    job = own_attempt(lesson).job(seed=7)
    assert (job.first, job.seed, job.stops_early) == ("receive", 7, True)
    assert job.target == str(workspace.folder(lesson))
    assert not own_attempt(lesson).job(stops_early=False).stops_early
    # Nobody is at a task of another folder.
    assert attempt_in(lesson, lesson.folder).job().first is None


def test_what_is_still_to_be_written_is_no_failure(lesson, workspace):
    workspace.start(lesson, at="receive")
    attempt = own_attempt(lesson)
    verdict = judged(attempt, binary="fail", any_text="fail")
    assert verdict.failures == []
    assert verdict.next_task.id == "receive"
    assert verdict.task_in_hand.id == "receive"
    verdict = judged(attempt, leaves_its_group="fail", binary="fail")
    assert [result.id for result in verdict.failures] == ["leaves_its_group"]
    assert verdict.next_task is None
    assert verdict.task_in_hand.id == "leave"
    # A check that went wrong by itself is no matter of writing.
    assert [result.id for result in judged(attempt, binary="error").failures] == ["binary"]
    assert judged(attempt).task_in_hand is None


def test_a_project_that_does_not_start_is_at_the_task_of_its_error(lesson, workspace):
    workspace.start(lesson, at="deliver")
    attempt = own_attempt(lesson)
    verdict = verdict_on(lesson, passed_tasks=[])
    verdict.broken = DoesNotRun("SyntaxError: x", "chat/frames.py", 20)
    found = attempt.judged(verdict)
    assert found.task_in_hand.id == "receive"
    assert (found.failures, found.next_task) == ([], None)


def test_a_folder_one_level_too_high_is_searched_for_the_project(lesson, workspace, tmp_path):
    folder = workspace.start(lesson)
    found = attempt_in(lesson, workspace.root)
    assert found == Attempt(lesson, folder, is_own=True, was_inside=True)
    assert not attempt_in(lesson, folder).was_inside

    # Among others it is known by its name.
    another = folder.with_name("another")
    shutil.copytree(folder, another)
    (workspace.root / "notes").mkdir()
    assert attempt_in(lesson, workspace.root).folder == folder
    folder = folder.rename(folder.with_name("solution"))
    with pytest.raises(WorkshopError) as error:
        attempt_in(lesson, workspace.root)
    assert str(workspace.root) in str(error.value.message)
    assert "another, solution" in str(error.value.fix)

    # Where none fits, the checks themselves say what they miss.
    empty = tmp_path / "empty"
    (empty / "notes").mkdir(parents=True)
    (empty / "notes/chat").write_text("about the chat", encoding="utf-8")
    assert attempt_in(lesson, empty) == Attempt(lesson, empty, is_own=False)


def test_a_package_that_is_not_installed_is_named_with_what_the_course_supports(lesson, workspace):
    folder = workspace.start(lesson)

    def said(text):
        explained = missing_module(lesson, folder, text)
        return explained and str(explained)

    raised = 'File "chat/views.py", line 3\nModuleNotFoundError: No module named '
    assert "“pandas” is not installed" in said(raised + "'pandas'")
    assert "“pandas” is not installed" in said(raised + "'pandas.core'")
    assert "django, channels, uvicorn, websockets" in said(raised + "'pandas'")
    # Of the project itself, or of something that is there: another mistake.
    assert said(raised + "'chat.vews'") is None
    assert said(raised + "'django.contrib.nothing'") is None
    assert said("NameError: name 'pandas' is not defined") is None
    assert said("") is None
    # In the folder, where nobody takes it.
    (folder / "site_of_chat.py").touch()
    (folder / "rooms_and_all").mkdir()
    for name, shown in (("site_of_chat", "site_of_chat.py"), ("rooms_and_all", "rooms_and_all")):
        assert f"“{shown}” is in your folder, but is not taken" in said(f"{raised}'{name}'")


def pytest_in(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**environment, "WORKSHOP_LANG": "en"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_plain_pytest_in_the_folder_gives_the_verdict_of_the_checks(lesson, workspace):
    folder = workspace.start(lesson, at="receive")
    run = pytest_in(folder, "-k", "refuses_bad_names or test_binary")
    assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "workshop.py hint 03 receive" in run.stdout


@pytest.mark.parametrize("number", range(1, 7))
def test_plain_pytest_finds_the_checks_of_every_lesson(number, workspace):
    """Some lessons' checks import modules beside them."""
    run = pytest_in(workspace.start(find_lesson(str(number))), "--collect-only")
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_projects_own_tests_run_in_the_learners_folder(lesson, workspace):
    folder = workspace.start(lesson)
    write_solution(lesson, folder)
    run = pytest_in(folder, "--ds=config.settings", "chat/tests.py")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed" in run.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_watch_checks_on_save_until_ctrl_c(lesson, workspace):
    folder = workspace.start(lesson)
    write_solution(lesson, folder)
    points = sum(check.points for check in lesson.checks)
    all_points = f"{points} of {points} points"
    process = subprocess.Popen(
        [sys.executable, "-m", "channels_workshop", "check", "3", "--watch"],
        env={**os.environ, "WORKSHOP_LANG": "en", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    try:

        def read_until(part):
            for line in process.stdout:
                if part in line:
                    return line
            raise AssertionError(f"{part!r} never came: {process.stderr.read()}")

        assert str(folder) in read_until("Watching")
        read_until(all_points)
        (folder / "chat/consumers.py").write_text("1 / 0\n", encoding="utf-8")
        read_until("chat/consumers.py")
        read_until("ZeroDivisionError")
        write_solution(lesson, folder)
        read_until(all_points)
        read_until("workshop.py diff 03")
        # The verdict is printed last; what follows it is the wait for a save.
        os.kill(process.pid, signal.SIGINT)
        process.stdout.read()
        assert process.wait() == 0, process.stderr.read()
        assert "Traceback" not in process.stderr.read()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
