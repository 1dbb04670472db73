"""The learner's room: nothing of a learner's work is ever lost, and what is told is true."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath

import pytest

from channels_workshop.checking.verdict import Result, Verdict
from channels_workshop.course.catalogue import find_lesson
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.project import project_files
from channels_workshop.course.reference import reference_sections, stub_texts, write_project
from channels_workshop.course.sections import BrokenSection, for_learner
from channels_workshop.learner import workspace as workspace_module
from channels_workshop.learner.answers import difference, solution
from channels_workshop.learner.checking import check_once, what_next
from channels_workshop.learner.hints import next_hint
from channels_workshop.learner.overview import standings
from channels_workshop.learner.progress import Progress
from channels_workshop.learner.watch import changes
from channels_workshop.learner.workspace import Workspace, is_begun
from channels_workshop.serving.backstage import Backstage
from channels_workshop.trouble import Trouble

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
    for path in project_files(lesson):
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
    assert set(map(str, project_files(lesson))) <= set(files)
    everything = b"\n".join(files.values()).decode()
    assert "--8<--" not in everything
    stubs = stub_texts(lesson)
    for name, section in reference_sections(lesson).items():
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
    (lesson_of_our_own.folder / "README.md").write_text("The agreement", encoding="utf-8")
    folder = workspace.start(lesson_of_our_own)
    assert (folder / "README.md").read_text(encoding="utf-8") == "The agreement"


def test_at_fills_the_tasks_before_it(lesson, workspace):
    folder = workspace.start(lesson, at="leave")
    consumers = (folder / "chat/consumers.py").read_text(encoding="utf-8")
    sections = reference_sections(lesson)
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
    with pytest.raises(Trouble) as trouble:
        workspace.start(lesson, at="leave")
    assert "reset 03 --at leave" in trouble.value.mend
    assert contents(workspace.root) == before


@pytest.mark.parametrize("verb", ["start", "reset"])
def test_an_unknown_task_is_refused_with_the_list(lesson, workspace, verb):
    with pytest.raises(Trouble) as trouble:
        getattr(workspace, verb)(lesson, at="fly")
    assert "fly" in trouble.value.message
    assert "join, leave, receive, deliver" in trouble.value.mend
    assert not workspace.root.exists()


def test_a_half_deleted_folder_is_told_and_reset_keeps_what_is_left(lesson, workspace):
    folder = workspace.start(lesson)
    (folder / "chat/consumers.py").write_text("my work", encoding="utf-8")
    (folder / "chat/rooms.py").unlink()
    (folder / "manage.py").unlink()
    before = contents(folder)
    with pytest.raises(Trouble) as trouble:
        workspace.start(lesson)
    assert "chat/rooms.py" in trouble.value.message
    assert "manage.py" in trouble.value.message
    assert "reset 03" in trouble.value.mend
    assert contents(folder) == before
    backup = workspace.reset(lesson)
    assert contents(backup) == before
    assert workspace.missing(lesson) == []


def test_reset_moves_the_work_aside_and_starts_anew(lesson, workspace):
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


def test_starting_anew_forgets_what_passed_but_not_the_best_score(lesson, workspace, progress):
    workspace.start(lesson)
    progress.record(lesson, verdict_on(lesson, passed_tasks=EVERY_TASK))
    next_hint(lesson, "join", progress)
    workspace.reset(lesson)
    state = progress.lesson_state(lesson)
    assert (state.checks, state.hints, state.passed) == ({}, {}, False)
    assert state.best_score == sum(check.points for check in lesson.checks)


def test_what_is_not_started_is_told_with_the_mend(lesson, workspace):
    with pytest.raises(Trouble) as trouble:
        workspace.started_folder(lesson)
    assert "start 03" in trouble.value.mend


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


def test_deleted_markers_and_odd_files_are_no_trouble(lesson, workspace):
    folder = workspace.start(lesson)
    path = folder / "chat/consumers.py"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if "TASK" not in x and "END" not in x), "utf-8")
    (folder / "chat/rooms.py").write_bytes(b"\xff\xfe\x00")
    assert [place.section for place in workspace.places(lesson)] == ["read_message"]
    assert workspace.start(lesson) == folder


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
    [(_copies_until_the_disk_is_full, Trouble), (_copies_until_interrupted, KeyboardInterrupt)],
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
    with pytest.raises(Trouble) as trouble:
        workspace.reset(lesson)
    assert "in use" in trouble.value.message
    assert contents(folder) == before


@pytest.fixture
def full_disk(tmp_path):
    """Return a file system with next to no room on it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs Linux and root, to mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
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
    with pytest.raises(Trouble) as trouble:
        workspace.reset(lesson)
    assert os.strerror(errno.ENOSPC) in trouble.value.message
    assert contents(full_disk) == before
    filler.unlink()
    assert (workspace.reset(lesson) / "chat/consumers.py").read_text("utf-8") == "my work"


def test_a_workspace_that_is_a_file_is_told_and_kept(lesson, workspace):
    workspace.root.parent.mkdir(parents=True)
    workspace.root.write_text("mine", encoding="utf-8")
    for verb in (workspace.start, workspace.reset):
        with pytest.raises(Trouble) as trouble:
            verb(lesson)
        assert str(workspace.root) in trouble.value.message
        assert "WORKSHOP_WORKSPACE" in trouble.value.mend
    assert workspace.root.read_text(encoding="utf-8") == "mine"


def _make_link(link, target):
    try:
        link.symlink_to(target)
    except OSError as error:
        pytest.skip(f"no links can be made here: {error}")


def test_a_workspace_that_is_a_broken_link_is_told(lesson, workspace):
    workspace.root.parent.mkdir(parents=True)
    _make_link(workspace.root, workspace.root.with_name("nowhere"))
    with pytest.raises(Trouble) as trouble:
        workspace.start(lesson)
    assert str(workspace.root) in trouble.value.message
    assert workspace.root.is_symlink()


def test_a_file_in_the_place_of_a_lesson_is_told_and_put_aside_by_reset(lesson, workspace):
    workspace.root.mkdir(parents=True)
    workspace.folder(lesson).write_text("mine", encoding="utf-8")
    with pytest.raises(Trouble) as trouble:
        workspace.start(lesson)
    assert "reset 03" in trouble.value.mend
    assert workspace.reset(lesson).read_text(encoding="utf-8") == "mine"
    assert workspace.missing(lesson) == []


def test_a_missing_stub_is_named_and_nothing_is_made(lesson_of_our_own, workspace):
    (lesson_of_our_own.folder / "stubs" / "receive.py").unlink()
    with pytest.raises(BrokenSection) as trouble:
        workspace.start(lesson_of_our_own)
    assert "receive.py is missing" in trouble.value.message
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
def test_a_broken_progress_file_is_set_aside(lesson, progress, workspace, broken):
    workspace.root.mkdir(parents=True)
    path = workspace.root / "progress.json"
    path.write_bytes(broken)
    assert not progress.lesson_state(lesson).passed
    aside = workspace.root / "progress.json.broken"
    assert aside.read_bytes() == broken
    assert len(progress.notices) == 1
    assert str(aside) in progress.notices[0]
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    assert progress.current_task(lesson).id == "leave"


def test_progress_that_cannot_be_kept_is_told_once_and_stops_nothing(lesson, progress, workspace):
    (workspace.root / "progress.json").mkdir(parents=True)
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    assert progress.show_hint(lesson, lesson.task("join")) == 1
    assert progress.notices
    assert len(progress.notices) == len(set(progress.notices))
    assert [path.name for path in workspace.root.iterdir()] == ["progress.json"]


def test_standings_tell_what_is_started_passed_and_next(lesson, workspace, progress):
    (before,) = standings([lesson], workspace, progress)
    assert (before.folder, before.is_current) == (None, True)
    folder = workspace.start(lesson)
    progress.record(lesson, verdict_on(lesson, passed_tasks=["join"]))
    (after,) = standings([lesson], workspace, progress)
    assert after.folder == folder
    assert [after.passed(task) for task in lesson.tasks] == [True, False, False, False]
    assert standings([], workspace, progress) == []


# --- hints and answers


def test_each_call_shows_the_next_rung_and_then_all_again(lesson, progress):
    texts = [hint.en.strip() for hint in lesson.task("leave").hints]
    for number, text in enumerate(texts, 1):
        rung = next_hint(lesson, "leave", progress)
        assert (rung.number, rung.most, rung.texts) == (number, len(texts), [text])
        assert rung.is_last == (number == len(texts))
        assert not rung.is_repetition
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
        with pytest.raises(Trouble) as trouble:
            ask(lesson, "fly", progress)
        assert "join, leave, receive, deliver" in trouble.value.mend


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
    path.write_text(for_learner(text, stub_texts(lesson)), encoding="utf-8")
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
        "chat/conftest.py",
        "tests.py",
    ):
        (folder / name).write_text("noise", encoding="utf-8")
    # The sentinel: whatever the noise had caused would have come before it, or with it.
    (folder / "chat/rooms.py").write_text("a save", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/rooms.py")]


def test_watching_goes_on_after_a_reset(lesson, workspace, stop):
    folder = workspace.start(lesson)
    saves = changes(lesson, folder, stop)
    (folder / "chat/rooms.py").write_text("one", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/rooms.py")]
    workspace.reset(lesson)
    assert PurePosixPath("chat/rooms.py") in next(saves)
    (folder / "chat/views.py").write_text("two", encoding="utf-8")
    assert next(saves) == [PurePosixPath("chat/views.py")]


def test_watching_ends_when_told(lesson, workspace, stop):
    saves = changes(lesson, workspace.start(lesson), stop)
    stop.set()
    assert next(saves, "ended") == "ended"


# --- checking


@pytest.fixture(scope="module")
def backstage():
    with Backstage() as backstage:
        backstage.warm()
        yield backstage


def test_what_is_not_started_cannot_be_checked(lesson, workspace, backstage):
    with pytest.raises(Trouble) as trouble:
        check_once(lesson, None, backstage)
    assert "start 03" in trouble.value.mend


def test_a_check_keeps_progress_of_the_learners_own_work_only(lesson, workspace, backstage):
    folder = workspace.start(lesson, at="receive")
    only = ["refuses_bad_names", "binary"]
    verdict, failures = check_once(lesson, lesson.folder, backstage, only=only)
    assert (verdict.status, failures) == ("pass", {})
    assert Progress().lesson_state(lesson).checks == {}

    # Nothing is wrong with a task that nobody has begun; it is what comes next.
    verdict, failures = check_once(lesson, None, backstage, only=only)
    assert (verdict.status, failures) == ("fail", {})
    assert any("chat/frames.py:" in line for line in what_next(lesson, verdict, failures))
    kept = Progress().lesson_state(lesson).checks
    assert kept == {"refuses_bad_names": "pass", "binary": "fail"}

    frames = folder / "chat/frames.py"
    text = frames.read_text(encoding="utf-8")
    frames.write_text(text.replace('BadFrame("not_written")', "KeyError"), encoding="utf-8")
    verdict, failures = check_once(lesson, None, backstage, only=only)
    assert "not_written" in failures["binary"].text()  # by the stub of `receive`
    assert what_next(lesson, verdict, failures) == []

    write_solution(lesson, folder)
    verdict, failures = check_once(lesson, folder, backstage, only=only)
    assert (verdict.status, failures) == ("pass", {})
    assert Progress().lesson_state(lesson).checks == dict.fromkeys(only, "pass")


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


def test_the_projects_own_tests_run_in_the_learners_folder(lesson, workspace):
    folder = workspace.start(lesson)
    write_solution(lesson, folder)
    run = pytest_in(folder, "--ds=config.settings", "chat/tests.py")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed" in run.stdout


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
