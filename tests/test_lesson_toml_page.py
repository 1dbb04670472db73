"""The page about a lesson's descriptions: it lists what the program reads, and nothing else."""

import re
import shutil

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.authoring.lesson_toml_page import lesson_toml_lines
from channels_workshop.course.lessons import all_lessons
from channels_workshop.errors import WorkshopError

DOCS = REPOSITORY / "docs"


@pytest.fixture
def docs(tmp_path):
    shutil.copy(DOCS / "lesson_toml.toml", tmp_path)
    return tmp_path


def change(docs, old, new):
    path = docs / "lesson_toml.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_key_that_a_lesson_uses_is_listed():
    listed = set(re.findall(r"^\| `(\w+)` \|", "\n".join(lesson_toml_lines(DOCS, "en")), re.M))
    for lesson in all_lessons():
        text = (lesson.folder / "lesson.toml").read_text(encoding="utf-8")
        text = text.partition("[messages")[0]  # whose keys are free
        used = set(re.findall(r"^(\w+)(?:\.\w+)? = ", text, re.M)) - {"en", "ru"}
        assert used <= listed


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("minutes.", "hours.", "minutes"),
        ("[delta", "[gamma", "delta"),
        ("[messages]\n", "[further]\nmeans = {en = '', ru = ''}\n[messages]\n", "further"),
        ("A way to get a lesson wrong.", "A wrong way.", "docstring of Mistake"),
    ],
)
def test_words_and_fields_belong_together(docs, old, new, complaint):
    change(docs, old, new)
    with pytest.raises(WorkshopError, match=complaint):
        list(lesson_toml_lines(docs, "en"))
