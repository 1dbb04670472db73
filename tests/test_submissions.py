"""What people really hand in: each layout and each oddity of archives, made here and understood."""

import bz2
import errno
import gzip
import io
import itertools
import lzma
import os
import random
import shutil
import struct
import subprocess
import tarfile
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from channels_workshop.course.lessons import all_lessons
from channels_workshop.course.project import files_below
from channels_workshop.errors import WorkshopError
from channels_workshop.grading.submissions import archives, entries, find_submissions, projects
from channels_workshop.grading.submissions.known import Known
from channels_workshop.grading.submissions.names import (
    decoded,
    lesson_named,
    natural,
    student_named,
)
from channels_workshop.grading.submissions.recognised import Evidence
from channels_workshop.learner.workspace import Workspace

ALL = all_lessons()
NAMES = [lesson.name for lesson in ALL]
THIRD, FOURTH = ALL[2], ALL[3]
THIRD_NAME, FOURTH_NAME = THIRD.name, FOURTH.name

#: Local times, as a zip has them.
EARLY, LATE = (2026, 3, 1, 10, 0, 0), (2026, 3, 2, 10, 0, 0)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A learner's workspace with two lessons, as `start` makes them."""
    root = tmp_path_factory.mktemp("learner") / "workspace"
    for lesson in (THIRD, FOURTH):
        Workspace(root).start(lesson)
    return root


@pytest.fixture(scope="module")
def third(workspace):
    """The files of lesson 03 as a learner has them, by path."""
    return files_in(workspace / THIRD_NAME)


@pytest.fixture(scope="module")
def fourth(workspace):
    return files_in(workspace / FOURTH_NAME)


@pytest.fixture
def klass(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


def files_in(folder):
    return {str(path): (folder / path).read_bytes() for path in files_below(folder)}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


class RawName(zipfile.ZipInfo):
    """A file of a zip whose name is written as it is, in whatever encoding, without the flag."""

    def __init__(self, raw, date):
        super().__init__(raw.decode("latin-1"), date)
        self.raw = raw

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits


def make_zip(path, files, *, date=EARLY, encoding="utf-8", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            info = RawName(name if isinstance(name, bytes) else name.encode(encoding), date)
            archive.writestr(info, content, compression)
    return path


def make_tar(path, files, mode="w:gz", mtime=1_772_000_000):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), mtime
            archive.addfile(info, io.BytesIO(content))
    return path


def below(prefix, files):
    return {f"{prefix}/{name}": content for name, content in files.items()}


def only(found):
    assert len(found) == 1, [(each.student, each.lesson, each.source) for each in found]
    return found[0]


def graded(*paths, lesson=None):
    return find_submissions([Path(path) for path in paths], ALL, lesson=lesson)


def submitted(files, lesson=THIRD):
    return {
        name: content for name, content in files.items() if lesson.is_submitted(PurePosixPath(name))
    }


def reasons(submission):
    return {each.path: str(each.why) for each in submission.ignored}


def notes(submission):
    return [str(note) for note in submission.notes]


def assert_taken(submission, files, lesson=THIRD):
    assert submission.refused is None, str(submission.refused)
    assert submission.lesson == lesson.name
    assert submission.files == submitted(files, lesson)


# ---- Layouts.


def test_a_folder_for_each_student(klass, third, fourth):
    write(klass / "anna", third)
    write(klass / "boris", fourth)
    anna, boris = graded(klass)
    assert (anna.student, anna.source) == ("anna", "anna")
    assert_taken(anna, third)
    assert boris.student == "boris"
    assert_taken(boris, fourth, FOURTH)


@pytest.mark.parametrize("level", [THIRD_NAME, "3", "03", "lesson 3", "Урок 3", "03-chat"])
def test_a_folder_for_each_lesson(klass, third, fourth, level):
    write(klass / "anna" / level, third)
    write(klass / "anna" / FOURTH_NAME, fourth)
    first, second = graded(klass)
    assert_taken(first, third)
    assert_taken(second, fourth, FOURTH)
    assert [each.source for each in (first, second)] == [f"anna/{level}", f"anna/{FOURTH_NAME}"]


def test_an_archive_for_each_student(klass, third, fourth):
    make_zip(klass / "anna.zip", third)
    make_tar(klass / "boris.tar.gz", fourth)
    make_zip(klass / "wera.zip", below(THIRD_NAME, third) | below(FOURTH_NAME, fourth))
    found = graded(klass)
    assert [(each.student, each.lesson, each.source) for each in found] == [
        ("anna", THIRD_NAME, "anna.zip"),
        ("boris", FOURTH_NAME, "boris.tar.gz"),
        ("wera", THIRD_NAME, f"wera.zip/{THIRD_NAME}"),
        ("wera", FOURTH_NAME, f"wera.zip/{FOURTH_NAME}"),
    ]
    assert_taken(found[0], third)
    assert_taken(found[3], fourth, FOURTH)


@pytest.mark.parametrize(
    ("ending", "mode"),
    [(".tar", "w"), (".tgz", "w:gz"), (".tar.xz", "w:xz"), (".tar.bz2", "w:bz2"), (".zip", "w:gz")],
)
def test_tars_whatever_they_are_called(klass, third, ending, mode):
    make_tar(klass / f"anna{ending}", third, mode)
    submission = only(graded(klass))
    assert submission.student == "anna"
    assert_taken(submission, third)


@pytest.mark.parametrize("name", ["anna", "anna/project", "Новая папка/Новая папка (2)/work"])
def test_wrapping_folders_do_not_matter(klass, third, name):
    make_zip(klass / "a.zip", below(name, third) | {"__MACOSX/._a": b"\0", ".DS_Store": b"\0"})
    write(klass / "b" / name, third)
    for submission in graded(klass):
        assert_taken(submission, third)
    assert {each.student for each in graded(klass)} == {"a", "b"}


def test_one_submission_given_directly(klass, third, fourth):
    folder = write(klass / "anna", third)
    archive = make_zip(klass / "boris.zip", fourth)
    assert [(each.student, each.source) for each in graded(folder)] == [("anna", "anna")]
    assert [each.student for each in graded(archive)] == ["boris"]
    assert [each.student for each in graded(folder, archive, folder)] == ["anna", "boris"]


def test_one_student_with_several_lessons_given_directly(klass, third, fourth):
    write(klass / "anna" / THIRD_NAME, third)
    write(klass / "anna" / FOURTH_NAME, fourth)
    assert [each.student for each in graded(klass / "anna")] == ["anna", "anna"]
    submission = only(graded(klass / "anna" / THIRD_NAME))
    assert (submission.student, submission.lesson) == ("anna", THIRD_NAME)


def test_a_class_folder_for_each_lesson(klass, third, fourth):
    write(klass / THIRD_NAME / "boris", third)
    make_zip(klass / THIRD_NAME / "anna.zip", third)
    write(klass / "lesson 4" / "anna", fourth)
    found = graded(klass)
    assert [(each.student, each.lesson) for each in found] == [
        ("anna", THIRD_NAME),
        ("anna", FOURTH_NAME),
        ("boris", THIRD_NAME),
    ]
    assert [each.student for each in graded(klass / THIRD_NAME)] == ["anna", "boris"]


def test_students_may_be_numbers(klass, third):
    for number in ("1", "2", "3", "17"):
        write(klass / number, third)
    assert only(graded(klass / "1")).student == "1"
    assert [each.student for each in graded(klass)] == ["1", "17", "2", "3"]
    assert {each.lesson for each in graded(klass)} == {THIRD_NAME}


def test_archives_in_a_students_folder(klass, third, fourth):
    make_zip(write(klass / "anna", {"note.txt": b"hello"}) / "my project.zip", third)
    for lesson, files in ((THIRD, third), (FOURTH, fourth)):
        (klass / "boris").mkdir(exist_ok=True)
        make_zip(klass / "boris" / f"{lesson.number:02}.zip", files)
    (klass / "wera" / "lesson 3").mkdir(parents=True)
    make_zip(klass / "wera" / "lesson 3" / "final.zip", third)
    anna, boris_3, boris_4, wera = graded(klass)
    assert_taken(anna, third)
    assert anna.source == "anna/my project.zip"
    assert "anna/note.txt" in reasons(anna)
    assert_taken(boris_3, third)
    assert_taken(boris_4, fourth, FOURTH)
    assert_taken(wera, third)
    assert wera.source == "wera/lesson 3/final.zip"


def test_moodles_names(klass, third, fourth):
    make_zip(klass / "Anna Petrova_12345_assignsubmission_file_chat.zip", third)
    write(klass / "Борис Ёлкин_777_assignsubmission_file_", {"readme.txt": b""})
    make_zip(klass / "Борис Ёлкин_777_assignsubmission_file_" / "архив.zip", third)
    write(
        klass / "Борис Ёлкин_777_assignsubmission_onlinetext_",
        {"onlinetext.html": b"<p>see the zip</p>"},
    )
    anna, boris = graded(klass)
    assert (anna.student, boris.student) == ("Anna Petrova", "Борис Ёлкин")
    assert_taken(anna, third)
    assert_taken(boris, third)
    assert any("onlinetext" in note for note in notes(boris))


def test_two_students_of_one_name_in_moodle(klass, third):
    for number in (11, 22):
        make_zip(klass / f"Anna Petrova_{number}_assignsubmission_file_a.zip", third)
    assert [each.student for each in graded(klass)] == ["Anna Petrova (11)", "Anna Petrova (22)"]


def test_the_whole_workspace(klass, workspace, third, fourth):
    shutil.copytree(workspace, klass / "anna" / "workspace")
    write(klass / "anna" / "workspace" / ".backup" / f"{THIRD_NAME}-20260101-000000", third)
    make_zip(
        klass / "boris.zip",
        below(f"workspace/{THIRD_NAME}", third)
        | below(f"workspace/{FOURTH_NAME}", fourth)
        | {"workspace/progress.json": b"{}"},
    )
    found = graded(klass)
    assert [(each.student, each.lesson) for each in found] == [
        (student, lesson) for student in ("anna", "boris") for lesson in (THIRD_NAME, FOURTH_NAME)
    ]
    assert_taken(found[0], third)
    assert_taken(found[3], fourth, FOURTH)
    assert reasons(found[0])["workspace/.backup/"] == "A hidden folder."
    assert "workspace/progress.json" in reasons(found[2])
    assert [each.lesson for each in graded(klass / "anna")] == [THIRD_NAME, FOURTH_NAME]


def clone_of_the_workshop(folder):
    for lesson in (THIRD, FOURTH):
        shutil.copytree(
            lesson.folder,
            folder / "lessons" / lesson.name,
            ignore=shutil.ignore_patterns("tests", "accepted", "__pycache__", ".*", "further"),
        )
    write(folder, {"workshop.py": b"", "src/channels_workshop/__init__.py": b""})


def test_a_clone_of_the_workshop(klass, third):
    clone_of_the_workshop(klass / "anna" / "channels-workshop")
    write(klass / "anna" / "channels-workshop" / "workspace" / THIRD_NAME, third)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert "channels-workshop/lessons/" in reasons(submission)


def test_a_clone_of_the_workshop_without_work(klass):
    """The reference is in it, and gains nobody a point."""
    clone_of_the_workshop(klass / "anna")
    shutil.copytree(klass / "anna" / "lessons" / THIRD_NAME, klass / "boris")
    for submission in graded(klass):
        assert submission.files == {}
        assert "workspace" in str(submission.refused)
    assert [each.student for each in graded(klass / "anna")] == ["anna"]


# ---- Repositories.


def git(folder, *arguments, when="2026-03-04T12:00:00+0300"):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_COMMITTER_DATE": when,
        "GIT_AUTHOR_DATE": when,
    }
    identity = ["-c", "user.name=A > B", "-c", "user.email=a@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    ).stdout.decode()


def make_repository(folder, files, branch="main"):
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", branch)
    commit(folder, files)
    return folder


def commit(folder, files, **when):
    write(folder, files)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "work", **when)
    return git(folder, "rev-parse", "HEAD").strip()


def test_a_repository_is_read_at_its_commit(klass, third):
    folder = make_repository(klass / "anna", third | {"link": b""})
    first = git(folder, "rev-parse", "HEAD").strip()
    changed = {"chat/rooms.py": b"# another\n"}
    write(folder, changed)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert submission.source == f"anna@{first[:7]}"
    assert submission.handed_in_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert notes(submission) == ["Not committed, so it does not count: chat/rooms.py."]
    second = commit(folder, changed)
    git(folder, "tag", "-a", "-m", "old", "handed/in", first)
    assert_taken(only(graded(folder)), third | changed)
    for name in (first, first[:8], "handed/in"):
        assert_taken(only(graded(f"{folder}@{name}")), third)
    assert only(graded(f"{folder}@main")).source == f"anna@{second[:7]}"


def test_a_project_that_is_not_in_the_commit(klass, third, fourth):
    folder = make_repository(klass / "anna", below(THIRD_NAME, third))
    write(folder / FOURTH_NAME, fourth)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert notes(submission) == [f"Not committed, so it does not count: {FOURTH_NAME}/."]


def test_bare_repositories_and_packed_ones(klass, third, fourth, tmp_path):
    source = make_repository(tmp_path / "source", third)
    git(klass, "clone", "-q", "--bare", str(source), "anna.git")
    git(klass / "anna.git", "gc", "-q")
    # As a server makes it: HEAD says master, and what was pushed is main.
    git(klass / "anna.git", "symbolic-ref", "HEAD", "refs/heads/master")
    git(klass, "clone", "-q", "--bare", str(source), "boris")
    anna, boris = graded(klass)
    assert (anna.student, boris.student) == ("anna", "boris")
    assert_taken(anna, third)
    assert_taken(boris, third)
    assert [each.student for each in graded(klass / "anna.git")] == ["anna"]


def test_a_repository_in_a_students_folder(klass, third, fourth):
    make_repository(klass / "anna" / "my-chat", third)
    make_repository(klass / "boris" / "04", fourth)
    anna, boris = graded(klass)
    assert_taken(anna, third)
    assert anna.source.startswith("anna/my-chat@")
    assert_taken(boris, fourth, FOURTH)


def test_work_that_was_never_committed(klass, third):
    clone_of_the_workshop(klass / "anna")
    make_repository(klass / "anna", {".gitignore": b"workspace/\n"})
    write(klass / "anna" / "workspace" / THIRD_NAME, third)
    write(klass / "boris", third)
    git(klass / "boris", "init", "-q")
    for submission in graded(klass):
        assert_taken(submission, third)
        assert "The commit holds no project that can be read" in notes(submission)[0]


def test_nothing_of_a_repository_is_run(klass, third, tmp_path):
    folder = make_repository(klass / "anna", third)
    run = tmp_path / "it-was-run"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {run}\n")
    program.chmod(0o755)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor"):
        shutil.copy(program, folder / ".git" / "hooks" / hook)
    settings = f"""[core]
        repositoryformatversion = 1
        fsmonitor = {program}
        sshCommand = {program}
        pager = {program}
        attributesFile = {tmp_path}/attributes
    [extensions]
        partialClone = origin
    [remote "origin"]
        url = ext::{program}
        promisor = true
        uploadpack = {program}
    [protocol]
        allow = always
    [filter "any"]
        smudge = {program}
    [include]
        path = /dev/stdin
    """
    (folder / ".git" / "config").write_text(settings)
    write(folder / ".git" / "info", {"attributes": b"* filter=any\n"})
    assert_taken(only(graded(klass)), third)
    blob = git(tmp_path, "hash-object", str(folder / "chat" / "rooms.py")).strip()
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    submission = only(graded(f"{folder}@main"))
    assert "not complete" in str(submission.refused)
    assert not run.exists()


def test_what_a_commit_can_hold_beside_files(klass, third):
    folder = make_repository(klass / "anna", third)
    (folder / "chat" / "secret.py").symlink_to("/etc/passwd")
    head = git(folder, "rev-parse", "HEAD").strip()
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},chat/module")
    git(folder, "add", "chat/secret.py")
    git(folder, "commit", "-q", "-m", "odd")
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert "link" in reasons(submission)["chat/secret.py"]
    assert "submodule" in reasons(submission)["chat/module"]


def test_wrong_commits(klass, third):
    folder = make_repository(klass / "anna", third)
    plain = write(klass / "boris", third)
    for name in ("nowhere", "ffffffff", "../../x", "--help", "a..b"):
        assert "no commit, branch or tag" in str(only(graded(f"{folder}@{name}")).refused)
    with pytest.raises(WorkshopError, match="not a git repository"):
        graded(f"{plain}@main")
    bare = klass / "empty.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    assert "Commit your work" in str(only(graded(bare)).refused)


def test_without_git(klass, third, monkeypatch):
    make_repository(klass / "anna", third)
    monkeypatch.setenv("PATH", str(klass))
    with pytest.raises(WorkshopError, match="Install git"):
        graded(klass)


# ---- What systems and programs add.


def test_leftovers_are_one_entry_each(klass, third):
    packages = {f".venv/lib/python3.11/site-packages/django/{n}.py": b"" for n in range(80)}
    junk = {
        "__MACOSX/chat/._consumers.py": b"\0",
        "chat/._consumers.py": b"\0",
        "chat/.DS_Store": b"\0",
        "Thumbs.db": b"",
        "chat/Desktop.ini": b"",
        "chat/__pycache__/consumers.cpython-311.pyc": b"",
        "node_modules/left-pad/index.js": b"",
        "my env/pyvenv.cfg": b"",
        "my env/bin/python": b"",
        ".git/HEAD": b"ref: refs/heads/main",
        ".git/objects/aa/bb": b"",
        ".idea/workspace.xml": b"",
        "db.sqlite3": b"",
        "chat/consumers.py~": b"",
        "chat/.consumers.py.swp": b"",
    }
    make_zip(klass / "a.zip", third | packages | junk)
    make_tar(klass / "b.tgz", third | packages | junk)
    junk.pop(".git/HEAD")
    write(klass / "c", third | packages | junk)
    for submission in graded(klass):
        assert_taken(submission, third)
        told = reasons(submission)
        for path in (".venv/", "node_modules/", "my env/"):
            assert told[path] == "Installed packages, not your work."
        assert told["chat/._consumers.py"] == told["Thumbs.db"] == told["chat/Desktop.ini"]
        for path in (".git/", ".idea/", "chat/__pycache__/", "chat/consumers.py~", "db.sqlite3"):
            assert path in told
        assert len(told) < 25


def test_backslashes_in_names(klass, third):
    make_zip(klass / "a.zip", {f"work\\{name}".replace("/", "\\"): third[name] for name in third})
    write(klass / "b", {name.replace("/", "\\"): third[name] for name in third})
    for submission in graded(klass):
        assert_taken(submission, third)


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "utf-8"])
def test_russian_names_in_a_zip(klass, third, encoding):
    wrapped = below("Новая папка/Чат Андрея", third)
    extra = {"Новая папка/Чат Андрея/chat/templates/chat/привет.html": b"<p>"}
    make_zip(klass / "anna.zip", wrapped | extra, encoding=encoding)
    submission = only(graded(klass))
    assert submission.source == "anna.zip/Новая папка/Чат Андрея"
    assert_taken(submission, third | {"chat/templates/chat/привет.html": b"<p>"})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *[
            (name, encoding)
            for encoding in ("cp866", "cp1251", "utf-8")
            for name in ("Андрей", "диалог", "Щукин Пётр", "ЧАТ", "домашнее задание №3", "Юля")
        ],
        ("Müller/café", "cp437"),
        ("plain", "ascii"),
    ],
)
def test_encodings_are_told_apart(text, encoding):
    assert decoded([text.encode(encoding)]) == [text]


def test_a_name_in_an_extra_field(klass, third):
    """As 7-Zip and WinRAR write it: the name in UTF-8 beside one that cannot hold it."""
    with zipfile.ZipFile(klass / "anna.zip", "w") as archive:
        for name, content in third.items():
            archive.writestr(name, content)
        info = RawName(b"chat/??????.py", EARLY)
        said = "chat/чат.py".encode()
        info.extra = struct.pack("<HHBI", 0x7075, 5 + len(said), 1, 0) + said
        archive.writestr(info, b"x = 1\n")
    assert_taken(only(graded(klass)), third | {"chat/чат.py": b"x = 1\n"})


def test_bytes_are_taken_as_they_are(klass, third):
    changed = {
        "chat/rooms.py": b"\xef\xbb\xbf" + third["chat/rooms.py"].replace(b"\n", b"\r\n"),
        "chat/views.py": "x = 'привет'".encode("cp1251"),
        "chat/frames.py": "x = 1".encode("utf-16"),
    }
    write(klass / "anna", third | changed)
    assert_taken(only(graded(klass)), third | changed)


# ---- What is taken.


def test_why_a_file_is_not_taken(klass, third):
    extra = {
        "tests/conftest.py": b"",
        "chat/conftest.py": b"",
        "config/pytest.ini": b"",
        "notes.txt": b"",
        "Chat/consumers.py": b"",
        "old.zip": b"PK",
        "manage.py": b"print('changed')\n",
        **{f"docs/{n}.md": b"" for n in range(30)},
    }
    make_zip(klass / "anna.zip", third | extra)
    submission = only(graded(klass))
    assert_taken(submission, third)
    told = reasons(submission)
    assert "reach into the judging" in told["chat/conftest.py"]
    assert "reach into the judging" in told["config/pytest.ini"]
    assert "not opened" in told["old.zip"]
    assert "small letters" in told["Chat/consumers.py"]
    assert told["notes.txt"] == told["docs/"] == "None of the files to hand in: chat/**, config/**."
    assert told["tests/conftest.py"] == told["notes.txt"]
    assert "changed" in told["manage.py"]
    assert told["requirements.txt"] == "Given by the lesson, whose own file is used."


def test_missing_files_are_told(klass, third):
    write(klass / "anna", {"chat/consumers.py": third["chat/consumers.py"]})
    [note] = only(graded(klass)).notes
    assert str(note).startswith("The lesson has them, and they were not handed in: chat/__init__")


def test_the_reference_is_noticed(klass):
    write(klass / "anna", {str(p): (THIRD.folder / p).read_bytes() for p in THIRD.project_files})
    assert notes(only(graded(klass))) == ["Every file is as the lesson's reference has it."]


def test_names_that_differ_in_case_or_form(klass, third):
    composed = unicodedata.normalize("NFC", "chat/templates/chat/йод.html")
    decomposed = unicodedata.normalize("NFD", composed)
    make_zip(
        klass / "anna.zip",
        third
        | {
            "chat/Consumers.py": b"other",
            "chat/extra.py": b"small",
            "chat/Extra.py": b"large",
            decomposed: b"first",
            composed: b"second",
        },
    )
    submission = only(graded(klass))
    assert_taken(submission, third | {"chat/Extra.py": b"large", composed: b"second"})
    assert "differs from chat/consumers.py only in case" in reasons(submission)["chat/Consumers.py"]
    assert "chat/extra.py" in reasons(submission)


def test_files_in_the_way(klass, third):
    make_zip(
        klass / "anna.zip",
        third
        | {
            "chat/consumers.py/inner.py": b"",
            "chat/static": b"",
            "chat/own": b"a file",
            "chat/own/inner.py": b"",
        },
    )
    submission = only(graded(klass))
    assert_taken(submission, third | {"chat/own": b"a file"})
    assert "folder of that name" in reasons(submission)["chat/static"]
    assert "below what is a file" in reasons(submission)["chat/own/inner.py"]


def test_the_same_file_twice_in_an_archive(klass, third):
    with zipfile.ZipFile(klass / "anna.zip", "w") as archive:
        for name, content in third.items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("chat/rooms.py", b"# the second\n")
    assert_taken(only(graded(klass)), third | {"chat/rooms.py": b"# the second\n"})


# ---- Hostile and broken.


def test_paths_that_lead_outside(klass, third, tmp_path):
    outside = ["../../evil.py", "/etc/evil.py", "C:\\evil.py", "chat/../../evil.py", "\\\\host\\x"]
    make_zip(klass / "a.zip", third | dict.fromkeys(outside, b"evil"))
    make_tar(klass / "b.tar", third | dict.fromkeys(outside, b"evil"), "w")
    for submission in graded(klass):
        assert_taken(submission, third)
        told = [path for path, why in reasons(submission).items() if "leads out" in why]
        assert len(told) == len(outside)
    assert not list(tmp_path.glob("**/*evil*"))


def test_names_that_cannot_be(klass, third):
    names = ["chat/con.py", "chat/a\x1b[31m.py", "chat/b:c.py", "chat/d ", "chat/\u202ecod.py"]
    names += ["chat/" + "x" * 300 + ".py", "/".join(["chat"] + ["d"] * 50)]
    make_zip(klass / "anna.zip", third | dict.fromkeys(names, b""))
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert len([why for why in reasons(submission).values() if "None of" not in why]) >= len(names)
    assert all(path.isprintable() for path in reasons(submission))


def test_links_and_devices_are_not_followed(klass, third, tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("key = 1")
    folder = write(klass / "a", third)
    (folder / "chat" / "link.py").symlink_to(secret)
    (folder / "chat" / "more").symlink_to(tmp_path)
    os.mkfifo(folder / "chat" / "pipe.py")
    with tarfile.open(make_tar(klass / "b.tar", third, "w"), "a") as archive:
        for name, kind in {
            "link.py": tarfile.SYMTYPE,
            "more": tarfile.LNKTYPE,
            "pipe.py": tarfile.FIFOTYPE,
            "device.py": tarfile.CHRTYPE,
        }.items():
            info = tarfile.TarInfo(f"chat/{name}")
            info.type, info.linkname = kind, str(secret)
            archive.addfile(info)
    with zipfile.ZipFile(make_zip(klass / "c.zip", third), "a") as archive:
        for name, mode in {"link.py": 0o120777, "more": 0o120777, "pipe.py": 0o010644}.items():
            info = zipfile.ZipInfo(f"chat/{name}")
            info.external_attr = mode << 16
            archive.writestr(info, str(secret))
    for submission in graded(klass):
        assert_taken(submission, third)
        told = reasons(submission)
        assert "not followed" in told["chat/link.py"]
        assert "not followed" in told["chat/more"]
        assert told["chat/pipe.py"] == "Not an ordinary file."


def test_a_student_who_is_a_link(klass, third, tmp_path):
    write(klass / "anna", third)
    (klass / "boris").symlink_to(klass / "anna")
    (klass / "wera.zip").symlink_to("/etc/passwd")
    os.mkfifo(klass / "pipe")
    anna, boris, pipe, wera = graded(klass)
    assert str(pipe.refused) == "Not an ordinary file."
    assert_taken(anna, third)
    assert "not followed" in str(boris.refused)
    assert "not followed" in str(wera.refused)
    # What the instructor gives is followed.
    assert_taken(only(graded(klass / "boris")), third)


def test_archives_that_cannot_be_read(klass, third):
    whole = make_zip(klass / "z.zip", third).read_bytes()
    (klass / "z.zip").unlink()
    damaged = whole.find(b"chat/consumers.py") + 60
    write(
        klass,
        {
            "cut.zip": whole[: len(whole) // 2],
            "damaged.zip": whole[:damaged] + bytes(200) + whole[damaged + 200 :],
            "empty.zip": b"",
            "short.tar.gz": gzip.compress(bytes(10000))[:30],
            "text.zip": b"I could not make a zip",
            "old.rar": b"Rar!\x1a\x07\x01\x00",
            "seven.7z": b"7z\xbc\xaf\x27\x1c\0\4",
            "program.py": b"print()",
            "renamed.zip": b"Rar!\x1a\x07\x01\x00",
            "setup.exe": b"MZ",
            "essay.docx": whole,
            "single.gz": gzip.compress(b"x = 1\n"),
        },
    )
    found = {each.source: each for each in graded(klass)}
    assert all(each.files == {} for each in found.values())
    expected = {
        "cut.zip": "broken",
        "damaged.zip": "broken",
        "empty.zip": "broken",
        "text.zip": "not an archive",
        "old.rar": "rar archive, which is not read. Hand in a zip",
        "seven.7z": "7z archive",
        "program.py": "single file",
        "renamed.zip": "rar archive",
        "setup.exe": "single file",
        "essay.docx": "single file",
        "single.gz": "broken",
    }
    for source, words in expected.items():
        assert words in str(found[source].refused), source
    assert found.keys() == {*expected, "short.tar.gz"}


def test_a_password(klass, third):
    path = make_zip(klass / "anna.zip", third, compression=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for magic, flags_at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(magic)
        while at != -1:
            data[at + flags_at] |= 1
            at = data.find(magic, at + 4)
    path.write_bytes(data)
    assert "password" in str(only(graded(klass)).refused)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_otherwise(klass, third, method):
    make_zip(klass / "anna.zip", third, compression=method)
    assert "ordinary zip" in str(only(graded(klass)).refused)


def test_files_that_are_too_large(klass, third):
    make_zip(klass / "anna.zip", third | {"chat/static/film.mp4": bytes(entries.MIB + 1)})
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert reasons(submission)["chat/static/film.mp4"] == "Larger than 1 MiB, so it is not taken."


def test_a_zip_that_lies_about_a_size(klass, third):
    path = make_zip(klass / "anna.zip", third | {"chat/bomb.py": bytes(5 * entries.MIB)})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 5 * entries.MIB), struct.pack("<I", 10)))
    assert "broken" in str(only(graded(klass)).refused)


def test_more_than_is_good_for_us(klass, third, monkeypatch):
    monkeypatch.setattr(projects, "LARGEST_HAND_IN", entries.MIB // 2)
    monkeypatch.setattr(projects, "MOST_FILES", 150)
    monkeypatch.setattr(archives, "_LARGEST_STREAM", entries.MIB)
    monkeypatch.setattr(entries, "MOST_ENTRIES", 400)
    large = {f"chat/static/{n}.bin": bytes(entries.MIB // 5) for n in range(3)}
    write(klass / "heavy", third | large)
    make_zip(klass / "heavy zip.zip", third | large)
    write(klass / "many", third | {f"chat/{n}.py": b"" for n in range(150)})
    make_tar(klass / "stream.tar.gz", third | {"film": bytes(2 * entries.MIB)})
    for submission in graded(klass):
        assert submission.files == {}
        assert "files" in str(submission.refused) or "large" in str(submission.refused)


def test_bombs(klass, third, monkeypatch):
    """Compressed a thousandfold and more: given up on while they are read."""
    monkeypatch.setattr(archives, "_LARGEST_STREAM", entries.MIB)
    nothing = bytes(3 * entries.MIB)
    for name, packed in {"a.tar.xz": lzma.compress, "b.tar.bz2": bz2.compress}.items():
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w") as archive:
            info = tarfile.TarInfo("chat/consumers.py")
            info.size = len(nothing)
            archive.addfile(info, io.BytesIO(nothing))
            archive.addfile(tarfile.TarInfo("chat/rooms.py"))
        (klass / name).write_bytes(packed(inner.getvalue()))
    header = tarfile.TarInfo("chat/consumers.py")
    header.pax_headers = {"comment": "1" * 60_000}
    with tarfile.open(klass / "c.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(header)
    for submission in graded(klass):
        assert "too large" in str(submission.refused)


def test_an_archive_in_an_archive(klass, third):
    inner = make_zip(klass / "inner.zip", third).read_bytes()
    (klass / "inner.zip").unlink()
    make_zip(klass / "anna.zip", {"anna/homework.zip": inner})
    assert "homework.zip, which is not opened" in str(only(graded(klass)).refused)


def test_a_file_that_cannot_be_read(klass, third, monkeypatch):
    write(klass / "anna", third)
    write(klass / "boris", third)
    real = os.open

    def refuse(path, flags, *more, **named):
        if str(path).endswith("anna/chat/rooms.py"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)
    anna, boris = graded(klass)
    assert str(anna.refused) == "chat/rooms.py cannot be read: Permission denied"
    assert_taken(boris, third)


def test_a_folder_that_cannot_be_read(klass, third, monkeypatch):
    write(klass / "anna", third)
    write(klass / "boris", third)
    real = os.scandir

    def refuse(path):
        if str(path).endswith("anna/chat"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    anna, boris = graded(klass)
    assert "cannot be read: Permission denied" in str(anna.refused)
    assert_taken(boris, third)


def test_nothing_is_written(klass, third, tmp_path):
    write(klass / "anna", third)
    make_zip(klass / "boris.zip", third)
    make_repository(klass / "wera", third)
    (tmp_path / "tmp").mkdir()

    def all_there():
        return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in klass.rglob("*")}

    before = all_there()
    graded(klass)
    assert all_there() == before


# ---- More of what real people do.


def test_a_project_in_two_archives(klass, third):
    """`chat.zip` and `config.zip`: what holds the tasks counts, however old it is."""
    (klass / "anna").mkdir()
    for folder, date in (("chat", EARLY), ("config", LATE)):
        part = {name: third[name] for name in third if name.startswith(f"{folder}/")}
        make_zip(klass / "anna" / f"{folder}.zip", part, date=date)
    submission = only(graded(klass, lesson=THIRD))
    assert submission.source == "anna/chat.zip"
    assert any("config.zip does not count: no file in it" in note for note in notes(submission))


def test_names_with_a_dot_before_them(klass, third):
    make_tar(klass / "a.tgz", {f"./{name}": third[name] for name in third})
    make_zip(klass / "b.zip", {f"./work//{name}": third[name] for name in third})
    for submission in graded(klass):
        assert_taken(submission, third)


def test_a_name_of_nothing(klass, third):
    make_zip(klass / "a.zip", third | {"": b"", ".": b"", "./.": b""})
    make_tar(klass / "b.tar", third | {".": b"x"}, "w")
    for submission in graded(klass):
        assert_taken(submission, third)


def test_names_of_kilobytes(klass, third):
    longest = "a/" * 30_000
    make_zip(klass / "anna.zip", third | {f"{longest}{n}": b"" for n in range(20)})
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert all(len(path) < 100 for path in reasons(submission))


def test_names_that_this_system_cannot_read(klass, third):
    """A zip of Windows unpacked by a program that does not know cp866."""
    student, lesson = (os.fsdecode(name.encode("cp866")) for name in ("Андрей Щукин", "Урок 3"))
    write(klass / student / lesson, third)
    make_zip(klass / os.fsdecode("Юля.zip".encode("cp1251")), third)
    for submission, student in zip(graded(klass), ["Андрей Щукин", "Юля"], strict=True):
        assert submission.student == student
        assert submission.source.startswith(student)
        assert_taken(submission, third)


def test_endings_that_an_editor_has_added(klass, third):
    third = dict(third)
    third["chat/rooms.py.txt"] = third.pop("chat/rooms.py")
    write(klass / "anna", third)
    assert "chat/rooms.py.txt should be chat/rooms.py: a program has added .txt." in notes(
        only(graded(klass))
    )


def test_what_windows_notes_beside_each_file(klass, third):
    marks = {f"{name}:Zone.Identifier": b"[ZoneTransfer]" for name in third}
    write(klass / "anna", third | marks)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert "Made by the operating system." in reasons(submission).values()


def test_two_copies_of_one_project(klass, third):
    older, newer = third | {"chat/rooms.py": b"# older\n"}, third
    with zipfile.ZipFile(klass / "anna.zip", "w") as archive:
        for folder, files, date in (("final", older, EARLY), ("final - Copy", newer, LATE)):
            for name, content in below(folder, files).items():
                archive.writestr(zipfile.ZipInfo(name, date), content)
    submission = only(graded(klass))
    assert_taken(submission, newer)
    assert submission.source == "anna.zip/final - Copy"
    assert notes(submission)[0].startswith("anna.zip/final, of")


def test_a_folder_and_the_archive_that_was_made_of_it(klass, third):
    write(klass / "anna" / THIRD_NAME, third)
    make_zip(klass / "anna" / f"{THIRD_NAME}.zip", third)
    make_zip(klass / "anna.zip", third)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert len(submission.notes) == 2


def test_an_app_in_place_of_the_project(klass, third):
    inside = {name.removeprefix("chat/"): third[name] for name in third if name.startswith("chat/")}
    make_zip(klass / "anna.zip", inside)
    assert "Hand in the whole project" in str(only(graded(klass)).refused)


def test_a_class_folder_that_is_a_repository(klass, third, fourth):
    write(klass / "anna", third)
    write(klass / "boris", fourth)
    make_repository(klass, {"README.md": b"the class"})
    assert [each.student for each in graded(klass)] == ["anna", "boris"]


def test_a_time_that_cannot_be(klass, third):
    path = make_zip(klass / "anna.zip", third)
    # Month 15, day 0.
    path.write_bytes(
        path.read_bytes().replace(struct.pack("<H", (46 << 9) + (3 << 5) + 1), b"\xe0]")
    )
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert submission.handed_in_at is None


def test_a_repository_without_a_current_branch(klass, third):
    folder = make_repository(klass / "anna", third)
    git(folder, "branch", "other")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/master")
    shutil.rmtree(folder / "chat")
    shutil.rmtree(folder / "config")
    bare = klass / "boris.git"
    git(klass, "clone", "-q", "--bare", "anna", "boris.git")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/master")
    git(bare, "branch", "-f", "other", "main")
    assert "Give one of these after an @: main, other." in str(only(graded(bare)).refused)
    assert_taken(only(graded(f"{bare}@other")), third)


def test_an_at_in_a_folders_name(tmp_path, third):
    (tmp_path / "a").mkdir()
    folder = make_repository(tmp_path / "a@b" / "anna@school", third)
    assert only(graded(folder)).student == "anna@school"
    assert_taken(only(graded(f"{folder}@main")), third)


def test_names_in_capitals(klass, third):
    make_zip(klass / "anna.zip", {name.upper(): third[name] for name in third})
    assert "No file of a lesson's project" in str(only(graded(klass)).refused)


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_whatever_is_in_an_archive_nothing_is_raised(klass, third, kind):
    files = dict(list(submitted(third).items())[:6]) | {"чат/x.py": b"", "pytest.ini": b""}
    path = klass / f"anna.{kind}"
    make_zip(path, files) if kind == "zip" else make_tar(path, files, f"w:{kind[1:-2]}"[:4])
    whole, chance = path.read_bytes(), random.Random(7)
    for _again in range(40):
        damaged = bytearray(whole)
        for _byte in range(chance.choice([1, 3, 30])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(bytes(damaged[: chance.choice([None, chance.randrange(len(damaged))])]))
        for submission in graded(klass):
            assert submission.files or submission.refused
            assert str(submission)


# ---- Nothing to judge.


def test_nothing_handed_in(klass, third):
    (klass / "empty").mkdir()
    make_zip(klass / "empty zip.zip", {})
    write(klass / "other", {"report.txt": b"I did it"})
    write(klass / "flat", {name.rpartition("/")[2]: content for name, content in third.items()})
    make_zip(klass / "junk.zip", {"__MACOSX/._x": b"", ".DS_Store": b""})
    found = {each.student: str(each.refused) for each in graded(klass)}
    assert found["empty"] == found["empty zip"] == "It is empty."
    assert found["other"] == "No file of a lesson's project is in it."
    assert "asgi.py belongs at config/asgi.py" in found["flat"]
    assert found["junk"].startswith("No file in it can be taken")
    of_third = {each.student: str(each.refused) for each in graded(klass, lesson=THIRD)}
    assert "These are to be handed in: chat/**, config/**." in of_third["other"]


def test_a_class_in_an_archive(klass, third):
    make_zip(
        klass / "all.zip",
        below("Anna_1_assignsubmission_file_", {"a.zip": b"PK"})
        | below("Boris_2_assignsubmission_file_", {"b.zip": b"PK"}),
    )
    assert "Unpack it" in str(only(graded(klass / "all.zip")).refused)


def test_wrong_paths(klass, tmp_path):
    with pytest.raises(WorkshopError, match=r"There is no .*nowhere"):
        graded(tmp_path / "nowhere")
    with pytest.raises(WorkshopError, match=r"There is no .*nowhere@main"):
        graded(f"{tmp_path}/nowhere@main")
    with pytest.raises(WorkshopError, match="holds no submissions"):
        graded(klass)
    (klass / "marks.csv").write_text("anna;5")
    (klass / "README.md").write_text("the class of 2026")
    with pytest.raises(WorkshopError, match="holds no submissions"):
        graded(klass)


# ---- One student, several times.


def test_forms_of_unicode_are_one_student(klass, third):
    name = "Андрей"
    make_zip(klass / f"{unicodedata.normalize('NFC', name)}.zip", third, date=EARLY)
    changed = third | {"chat/rooms.py": b"# newer\n"}
    make_zip(klass / f"{unicodedata.normalize('NFD', name)}.zip", changed, date=LATE)
    submission = only(graded(klass))
    assert submission.student == name
    assert_taken(submission, changed)
    assert any("two forms of Unicode" in note for note in notes(submission))
    assert any("another one is newer" in note for note in notes(submission))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("anna.zip", "anna (2).zip"),
        ("anna (2).zip", "anna (10).zip"),
        ("anna.zip", "anna_v2.zip"),
        ("anna - Copy.zip", "anna — копия (2).zip"),
        (f"anna_{THIRD_NAME}.zip", f"{THIRD_NAME} anna (1).zip"),
    ],
)
def test_the_later_name_counts_where_times_are_the_same(klass, third, older, newer):
    changed = third | {"chat/rooms.py": b"# newer\n"}
    make_zip(klass / newer, changed)
    make_zip(klass / older, third)
    submission = only(graded(klass))
    assert submission.student == "anna"
    if THIRD_NAME not in older:
        assert_taken(submission, changed)
        assert submission.source == newer
    assert len(submission.notes) == 1


def test_the_newest_counts(klass, third):
    make_zip(klass / "anna (2).zip", third | {"chat/rooms.py": b"# older\n"}, date=EARLY)
    make_zip(klass / "anna.zip", third, date=LATE)
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert submission.handed_in_at == datetime(*LATE).astimezone(UTC)
    assert submission.handed_in_at.tzinfo is not None
    assert notes(submission)[0].startswith("anna (2).zip, of 2026-03-01 10:00")


def test_what_can_be_judged_counts_before_what_cannot(klass, third):
    write(klass / "anna", third)
    write(klass, {"anna (2).zip": b"PK\x03\x04"})
    submission = only(graded(klass))
    assert_taken(submission, third)
    assert notes(submission)[0].startswith("anna (2).zip does not count: The archive is broken")


def test_times(klass, third):
    write(klass / "folder", third)
    for path in (klass / "folder").rglob("*.py"):
        os.utime(path, (1_772_000_000, 1_772_000_000))
    for path in (klass / "folder").rglob("*"):
        if path.suffix != ".py":
            os.utime(path, (1_771_000_000, 1_771_000_000))
    os.utime(klass / "folder" / "README.md", (1_779_000_000, 1_779_000_000))
    make_tar(klass / "tar.tgz", third)
    make_zip(klass / "no time.zip", third, date=(1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(klass / "utc.zip", "w") as archive:
        for name, content in third.items():
            info = zipfile.ZipInfo(name, LATE)
            info.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_772_000_000)
            archive.writestr(info, content)
    found = {each.student: each.handed_in_at for each in graded(klass)}
    expected = datetime.fromtimestamp(1_772_000_000, UTC)
    assert found == {"folder": expected, "tar": expected, "utc": expected, "no time": None}


def test_one_student_in_two_places(klass, third, fourth, tmp_path):
    make_zip(klass / "anna.zip", third)
    other = write(tmp_path / "other" / "anna", fourth)
    found = graded(klass, other.parent)
    assert [(each.student, each.lesson) for each in found] == [
        ("anna", THIRD_NAME),
        ("anna", FOURTH_NAME),
    ]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("  Anna   Petrova ", "Anna Petrova"),
        ("Anna\u200b\x1b[31m", "Anna[31m"),
        ("\x01", "\\x01"),
        ("i.ivanov", "i.ivanov"),
        ("Anna (2)", "Anna (2)"),
        ("Петрова_9_assignsubmission_onlinetext_", "Петрова"),
    ],
)
def test_names_of_students_folders(name, student):
    assert student_named(name, ALL, archive=False) == student


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("anna.tar.gz", "anna"),
        ("i.ivanov.zip", "i.ivanov"),
        ("anna", "anna"),
        ("anna_lesson3.zip", "anna"),
        ("Петрова урок 3 (1).zip", "Петрова"),
        (f"{THIRD_NAME}.zip", THIRD_NAME),
        (".zip", ".zip"),
    ],
)
def test_names_of_students_archives(name, student):
    assert student_named(name, ALL, archive=True) == student


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *[(THIRD_NAME, 3), (f"{THIRD_NAME} (1)", 3), (THIRD_NAME.upper(), 3), ("03-chat", 3)],
        *[("3", 3), ("03", 3), ("lesson_03", 3), ("Lesson 3", 3), ("Урок №3", 3), ("урок-4", 4)],
        *[("chat", None), ("5 июня", None), ("33", None), ("lesson 13", None), ("", None)],
        *[("3rd try", None), ("project3", None), ("0", None), ("2026-03-01", None)],
    ],
)
def test_names_of_lessons(name, number):
    found = lesson_named(name, ALL)
    assert (found.number if found else None) == number


def test_natural_order():
    names = ["anna (10)", "anna_v2", "anna", "Anna (2)", "boris"]
    assert sorted(names, key=natural) == ["anna", "Anna (2)", "anna (10)", "anna_v2", "boris"]


# ---- Which lesson.


def test_only_the_lesson_that_is_asked_for(klass, third, fourth):
    write(klass / "anna" / THIRD_NAME, third)
    write(klass / "anna" / FOURTH_NAME, fourth)
    write(klass / "boris", third)
    write(klass / "wera" / FOURTH_NAME, fourth)
    anna, boris, wera = graded(klass, lesson=THIRD)
    assert_taken(anna, third)
    assert_taken(boris, third)
    assert wera.lesson == THIRD_NAME
    assert str(wera.refused) == f"Nothing was handed in for {THIRD_NAME}. There is: {FOURTH_NAME}."


@pytest.mark.parametrize("place", [f"anna/{THIRD_NAME}", f"anna/3/{FOURTH_NAME}"])
def test_another_lessons_project(klass, fourth, place):
    write(klass / place, fourth)
    submission = only(graded(klass))
    assert submission.lesson == THIRD_NAME
    assert submission.files == {}
    assert str(submission.refused).startswith(f"This looks like {FOURTH_NAME}, handed in as")


def test_another_lessons_project_where_one_is_asked_for(klass, third, fourth):
    write(klass / "anna", fourth)
    write(klass / "boris", third)
    anna, boris = graded(klass, lesson=THIRD)
    assert FOURTH_NAME in str(anna.refused)
    assert_taken(boris, third)
    for submission in graded(klass, lesson=ALL[0]):
        assert submission.refused


def test_two_projects_of_which_one_fits(klass, third, fourth):
    make_zip(klass / "anna.zip", below("a", third) | below("b", fourth))
    assert_taken(only(graded(klass, lesson=FOURTH)), fourth, FOURTH)
    assert [each.lesson for each in graded(klass)] == [THIRD_NAME, FOURTH_NAME]


def test_a_lesson_that_nothing_tells(klass):
    write(klass / "anna", {"chat/own.py": b"x = 1\n"})
    submission = only(graded(klass))
    assert submission.lesson == ""
    assert "which lesson" in str(submission.refused)
    assert_taken(only(graded(klass, lesson=THIRD)), {"chat/own.py": b"x = 1\n"})


@pytest.fixture(scope="module")
def known():
    return Known(ALL)


def solved(lesson, name=None):
    """Return the files of a right solution without any marker, as some people hand it in."""
    files = {
        str(path): (lesson.folder / path).read_bytes()
        for path in lesson.project_files
        if lesson.is_submitted(path)
    }
    if name:
        files |= files_in(lesson.folder / "accepted" / name)
    return {
        path: b"\n".join(line for line in text.split(b"\n") if b"--8<--" not in line)
        for path, text in files.items()
    }


@pytest.mark.parametrize(
    ("lesson", "name"), [(lesson, name) for lesson in ALL for name in [None, *lesson.accepted]]
)
def test_right_solutions_are_recognised_as_what_they_are(lesson, name, known):
    evidence = Evidence(solved(lesson, name), known)
    assert evidence.recognised is lesson
    assert evidence.another_lesson(lesson) is None
    mistaken = {other.name: evidence.another_lesson(other) for other in ALL if other is not lesson}
    assert set(mistaken.values()) <= {lesson, None}


def test_another_lessons_project_is_mostly_noticed(known):
    """In doubt it is judged; but that is not the rule."""
    found = [
        Evidence(solved(lesson, name), known).another_lesson(other)
        for lesson in ALL
        for name in lesson.accepted
        for other in ALL
        if other is not lesson
    ]
    assert found.count(None) < len(found) / 5


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(ALL[2:])))
def test_who_goes_on_with_an_older_project_is_not_told_off(older, newer, known):
    """The program grows: here what was written for the newer lesson lies in the older's project."""
    grown = solved(older)
    for section in newer.sections.values():
        path = str(section.path.relative_to(newer.folder))
        grown[path] = solved(newer)[path]
    assert Evidence(grown, known).another_lesson(newer) is None
