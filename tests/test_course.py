"""What a lesson is: reading descriptions, cutting sections, finding the delta."""

import pickle
import re
import shutil
from pathlib import Path, PurePosixPath

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course import sections
from channels_workshop.course.copies import write_project, write_target
from channels_workshop.course.delta import Change, changes, undeclared
from channels_workshop.course.lesson import load_lesson
from channels_workshop.course.lessons import all_lessons, find_lesson, lesson_folders
from channels_workshop.course.pages import symptoms_page
from channels_workshop.course.sections import BrokenSection
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.errors import WorkshopError


@pytest.fixture
def copy(tmp_path):
    """A copy of lesson 03 that a test may break."""
    folder = tmp_path / "03_chat_consumer"
    shutil.copytree(find_lesson("3").folder, folder)
    return folder


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in a file and return the line that it stood on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("wanted", ["3", "03", "03_chat_consumer"])
def test_a_lesson_is_found_by_number_or_name(wanted):
    assert find_lesson(wanted).name == "03_chat_consumer"


@pytest.mark.parametrize("wanted", ["", "0", "33", "3 ", "chat", "../lessons", "³"])
def test_what_is_no_lesson_is_refused_with_the_list(wanted):
    with pytest.raises(WorkshopError) as caught:
        find_lesson(wanted)
    assert "03_chat_consumer" in str(caught.value.fix)


def test_syntax_error_names_file_and_line(copy):
    line = edit(copy / "lesson.toml", 'id = "leave"', 'id = "leave')
    with pytest.raises(BrokenDescription) as caught:
        load_lesson(copy)
    assert caught.value.path == copy / "lesson.toml"
    assert caught.value.line == line
    assert f"lesson.toml:{line}:" in str(caught.value)


def test_missing_translation_names_the_entry_and_its_line(copy):
    path = copy / "lesson.toml"
    line = edit(path, 'title.ru = "Выйти"\n', "") - 1
    with pytest.raises(BrokenDescription, match="ru") as caught:
        load_lesson(copy)
    assert caught.value.line == line


def test_a_broken_description_comes_whole_out_of_a_worker_process(copy):
    (copy / "lesson.toml").unlink()
    with pytest.raises(BrokenDescription) as caught:
        load_lesson(copy)
    returned = pickle.loads(pickle.dumps(caught.value))
    assert str(returned) == str(caught.value)
    assert (returned.path, returned.line) == (caught.value.path, caught.value.line)


def test_unknown_key_is_refused(copy):
    edit(copy / "lesson.toml", "[lesson]\n", "[lesson]\nlevel = 3\n")
    with pytest.raises(BrokenDescription, match="level"):
        load_lesson(copy)


def test_check_of_no_task_is_refused(copy):
    edit(copy / "lesson.toml", 'task = "deliver"', 'task = "teleport"')
    with pytest.raises(BrokenDescription, match="teleport") as caught:
        load_lesson(copy)
    assert "deliver" in str(caught.value.fix)


def test_an_id_used_twice_is_refused(copy):
    line = edit(copy / "lesson.toml", 'id = "rooms_are_apart"', 'id = "joins_its_group"')
    with pytest.raises(BrokenDescription, match="used twice") as caught:
        load_lesson(copy)
    assert caught.value.line == line


def test_missing_file_and_wrong_encoding_are_named(copy):
    (copy / "lesson.toml").write_bytes(b"[lesson]\nminutes = 1\n# \xff\n")
    with pytest.raises(BrokenDescription, match="UTF-8") as caught:
        load_lesson(copy)
    assert caught.value.line == 3
    (copy / "lesson.toml").unlink()
    with pytest.raises(BrokenDescription, match="missing"):
        load_lesson(copy)


def test_mistake_must_name_a_check_and_change_something(copy):
    path = copy / "mistakes.toml"
    entry = '[[mistakes]]\nid = "x"\ntitle = { en = "x", ru = "x" }\nexpected = "%s"\n'
    path.write_text(entry % "no_such_check" + 'sections.connect = "pass"\n', encoding="utf-8")
    with pytest.raises(BrokenDescription, match="no_such_check"):
        _ = load_lesson(copy).mistakes
    path.write_text(entry % "binary", encoding="utf-8")
    with pytest.raises(BrokenDescription, match="changes nothing"):
        _ = load_lesson(copy).mistakes


def test_freedom_adds_only_to_what_is_there(copy):
    path = copy / "freedoms.toml"
    entry = '[[freedoms]]\nid = "x"\ntitle = "x"\ntakes = ["Z1"]\n'
    path.write_text(entry + 'added."chat/gone.py" = "pass"\n', encoding="utf-8")
    with pytest.raises(BrokenDescription, match=r"chat/gone\.py") as caught:
        _ = load_lesson(copy).freedoms
    assert caught.value.line == 2


SOURCE = """\
class Consumer:
    # --8<-- [start:one]
    async def one(self):
        pass

    # --8<-- [end:one]

    # --8<-- [start:two]
    async def two(self):
        pass

    # --8<-- [end:two]
"""


def test_sections_are_read_by_name(tmp_path):
    path = tmp_path / "consumers.py"
    path.write_text(SOURCE)
    found = sections.sections_in(path)
    assert list(found) == ["one", "two"]
    assert found["one"].text == "async def one(self):\n    pass\n"
    assert found["two"].line == 8


def test_a_section_is_replaced_where_it_stands():
    changed = sections.replace(SOURCE, {"two": "async def two(self):\n    return 2\n"})
    assert "    async def two(self):\n        return 2\n" in changed
    assert "    async def one(self):\n        pass\n" in changed
    assert sections.replace(SOURCE, {"one": "async def one(self):\n    pass\n"}) == SOURCE


def test_markers_read_as_tasks_for_a_learner():
    text = sections.for_learner(SOURCE, tasks=["one"])
    assert "    # TASK one\n" in text
    assert "    # END one\n" in text
    assert "two]" not in text
    assert "--8<--" not in text


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (SOURCE.replace("# --8<-- [end:one]", ""), "do not nest"),
        (SOURCE.replace("# --8<-- [end:two]", ""), "never closed"),
        (SOURCE.replace("# --8<-- [start:two]", ""), "closes no section"),
        (SOURCE.replace(":two]", ":one]"), "stands twice"),
    ],
)
def test_unpaired_markers_are_refused_with_their_line(tmp_path, broken, complaint):
    path = tmp_path / "consumers.py"
    path.write_text(broken)
    with pytest.raises(BrokenSection, match=complaint) as caught:
        sections.sections_in(path)
    assert "consumers.py:" in caught.value.message


def test_missing_stub_and_missing_section_are_named(copy):
    (copy / "stubs" / "receive.py").unlink()
    with pytest.raises(BrokenSection, match="receive"):
        _ = load_lesson(copy).stubs
    edit(copy / "lesson.toml", 'sections = ["disconnect"]', 'sections = ["vanish"]')
    with pytest.raises(BrokenSection, match="vanish"):
        _ = load_lesson(copy).stubs


@pytest.mark.parametrize("folder", lesson_folders(), ids=lambda folder: folder.name)
def test_every_section_of_a_task_stands_once_and_has_a_stub(folder):
    lesson = load_lesson(folder)
    of_tasks = [name for task in lesson.tasks for name in task.sections]
    assert len(of_tasks) == len(set(of_tasks))
    assert set(of_tasks) <= set(lesson.sections)
    assert set(lesson.stubs) == set(of_tasks)
    stray = {path.stem for path in (folder / "stubs").iterdir() if path.is_file()} - set(of_tasks)
    assert not stray


def test_filling_every_section_with_its_own_text_gives_the_reference(tmp_path):
    for lesson in all_lessons():
        folder = tmp_path / lesson.name
        texts = {name: section.text for name, section in lesson.sections.items()}
        write_project(lesson, folder, texts)
        for path in lesson.project_files:
            assert (folder / path).read_bytes() == (lesson.folder / path).read_bytes(), path


def test_only_submitted_files_are_taken_from_a_target(copy, tmp_path):
    lesson = find_lesson("3")
    (copy / "chat" / "consumers.py").write_text("# mine\n")
    (copy / "chat" / "views.py").unlink()
    (copy / "chat" / "extra.py").write_text("# mine too\n")
    (copy / "chat" / "conftest.py").write_text("raise SystemExit\n")
    (copy / "manage.py").write_text("# not mine to change\n")
    (copy / "sitecustomize.py").write_text("raise SystemExit\n")
    laid = tmp_path / "laid"
    write_target(lesson, copy, laid)
    assert (laid / "chat" / "consumers.py").read_text() == "# mine\n"
    assert (laid / "chat" / "extra.py").exists()
    assert not (laid / "chat" / "views.py").exists()
    assert not (laid / "chat" / "conftest.py").exists()
    assert not (laid / "sitecustomize.py").exists()
    assert (laid / "manage.py").read_bytes() == (lesson.folder / "manage.py").read_bytes()
    assert not (laid / "tests").exists()


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("chat/consumers.py", True),
        ("chat/deep/er/module.py", True),
        ("config/settings.py", True),
        ("manage.py", False),
        ("chat/pytest.ini", False),
        ("chat/x.pth", False),
        ("chat/settings.toml", False),
        ("tests/test_join.py", False),
    ],
)
def test_what_is_submitted(path, taken):
    assert find_lesson("3").is_submitted(PurePosixPath(path)) is taken


def test_delta_is_found_and_compared_with_what_is_declared(copy, tmp_path):
    before = load_lesson(copy)
    grown = tmp_path / "04_more"
    shutil.copytree(copy, grown)
    (grown / "chat" / "presence.py").write_text("# new\n")
    (grown / "chat" / "rooms.py").unlink()
    edit(grown / "chat" / "views.py", "def lobby", "def front_room")
    # Marker lines are no change.
    edit(grown / "chat" / "consumers.py", "    # --8<-- [start:connect]\n", "")
    edit(grown / "chat" / "consumers.py", "    # --8<-- [end:connect]\n\n", "")
    declared = '[delta]\nadded = ["chat/presence.py"]\nchanged = ["chat/v*.py"]\n\n[[tasks]]'
    text = (grown / "lesson.toml").read_text(encoding="utf-8")
    text = (
        text[: text.find("[delta]")] + text[text.index("[[tasks]]") :]
        if "[delta]" in text
        else text
    )
    (grown / "lesson.toml").write_text(text.replace("[[tasks]]", declared, 1), encoding="utf-8")
    after = load_lesson(grown)
    assert changes(before, after) == [
        Change(PurePosixPath("chat/presence.py"), "added"),
        Change(PurePosixPath("chat/rooms.py"), "removed"),
        Change(PurePosixPath("chat/views.py"), "changed"),
    ]
    assert undeclared(before, after) == [Change(PurePosixPath("chat/rooms.py"), "removed")]


@pytest.mark.parametrize(
    ("lesson", "known"),
    [
        pytest.param(lesson, known, id=f"{lesson.number:02}-{known.id}")
        for lesson in all_lessons()
        for known in lesson.known_errors
    ],
)
def test_a_known_error_is_one_that_the_page_explains(lesson, known):
    for language in ("en", "ru"):
        page = REPOSITORY / "docs" / language / f"{symptoms_page(lesson)}.md"
        text = page.read_text(encoding="utf-8")
        heading = f"## {known.title.spoken(language)} {{ #{known.anchor} }}\n"
        assert heading in text
        section = heading + text.partition(heading)[2].partition("\n## ")[0]
        # What the section takes from the dictionary of errors is of the page, too.
        for name, entry in re.findall(r'^--8<-- "(.*):([\w-]+)"$', section, re.MULTILINE):
            taken = (REPOSITORY / name).read_text(encoding="utf-8")
            section += taken.partition(f"[start:{entry}]")[2].partition("[end:")[0]
        # Quoted there, and proved there, if a statement of the page says so.
        assert re.search(known.pattern, " ".join(section.split())), section
