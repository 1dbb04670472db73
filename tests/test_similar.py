"""Near-identical submissions: what is found, and who is not accused."""

import random
from html.parser import HTMLParser

import pytest

from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.course.sections import for_learner, replace
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.marks import mark
from channels_workshop.grading.policy import Policy
from channels_workshop.grading.reports import write_reports
from channels_workshop.grading.reports.similar_page import similar_page
from channels_workshop.grading.similar import find_alike
from channels_workshop.grading.submission import Submission

LESSON = find_lesson("03")
LESSONS = {LESSON.name: LESSON}
CONSUMERS = "chat/consumers.py"

#: What one student has written, and what another made of it: every name, every comment, the layout
#: and the order of the methods are others.
WRITTEN = '''"""My chat."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .rooms import group_name, is_room_name


class Bouncer:
    """Knows who may come in."""

    def __init__(self, consumer):
        self.consumer = consumer
        self.rejected = 0

    async def turn_away(self, reason):
        self.rejected += 1
        text = json.dumps({"error": {"code": reason, "text": REASONS.get(reason, reason)}})
        await self.consumer.accept()
        await self.consumer.send(text)
        await self.consumer.close(4400)

    async def welcome(self, room):
        name = group_name(room)
        layer = self.consumer.channel_layer
        await layer.group_add(name, self.consumer.channel_name)
        await self.consumer.accept()
        return name


REASONS = {"bad_room": "There is no such room.", "too_long": "That is too long."}


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.name_of_group = None
        self.bouncer = Bouncer(self)
        wanted = self.scope["url_route"]["kwargs"]["room"]
        if is_room_name(wanted):
            self.name_of_group = await self.bouncer.welcome(wanted)
        else:
            await self.bouncer.turn_away("bad_room")

    async def disconnect(self, code):
        if self.name_of_group:
            await self.channel_layer.group_discard(self.name_of_group, self.channel_name)
            self.name_of_group = None
'''
COPIED = """from channels.generic.websocket import AsyncWebsocketConsumer
import json
from .rooms import is_room_name, group_name

texts_of_errors = {
    'bad_room': 'no!',
    'too_long': 'shorter!!',
}

class Doorman:
    # let people in
    async def let_in(self, r: str):
        g = group_name(r)
        l = self.c.channel_layer
        await l.group_add(g,
                          self.c.channel_name)
        await self.c.accept()
        return g

    async def refuse(self, code: str) -> None:
        '''Say no.'''
        self.n += 1
        answer = json.dumps({'error': {'code': code,
                                       'text': texts_of_errors.get(code, code)}})
        await self.c.accept()
        await self.c.send(answer)
        await self.c.close(4400)

    def __init__(self, c):
        self.c = c
        self.n = 0


class ChatConsumer(AsyncWebsocketConsumer):

    async def disconnect(self, close_code):
        # bye
        if self.g:
            await self.channel_layer.group_discard(self.g, self.channel_name)
            self.g = None

    async def connect(self):
        self.g = None
        self.door = Doorman(self)
        r = self.scope['url_route']['kwargs']['room']
        if is_room_name(r):
            self.g = await self.door.let_in(r)
        else:
            await self.door.refuse('bad_room')
"""


def starter(lesson=LESSON, sections=()):
    """Return the files of a learner who has written `sections`, by name, and nothing else."""
    stubs = {**lesson.stubs, **dict(sections)}
    tasks = [name for task in lesson.tasks for name in task.sections]
    files = {}
    for path in lesson.project_files:
        if lesson.is_submitted(path):
            content = (lesson.folder / path).read_bytes()
            if path.suffix == ".py":
                content = for_learner(replace(content.decode(), stubs), tasks).encode()
            files[str(path)] = content
    return files


def submission(student, files=None, lesson=LESSON, sections=(), **changes):
    base = starter(lesson, sections) if files is None else {**starter(lesson), **files}
    return Submission(student, lesson.name, student, {**base, **changes})


def written(student, text):
    return submission(student, {CONSUMERS: text.encode() if isinstance(text, str) else text})


def accepted(lesson, name):
    overlay = lesson.folder / "accepted" / name
    files = {str(path): (overlay / path).read_bytes() for path in files_below(overlay)}
    return submission(name, files, lesson)


def of_reference(lesson, student):
    answers = {name: section.text for name, section in lesson.sections.items()}
    return submission(student, sections=answers, lesson=lesson)


def test_a_renamed_copy_with_its_methods_in_another_order_is_found():
    (pair,) = find_alike([written("anna", WRITTEN), written("boris", COPIED)], LESSONS)
    assert (pair.lesson, pair.one, pair.other) == (LESSON.name, "anna", "boris")
    assert pair.likeness > 0.9


def test_the_lines_that_are_alike_are_marked_on_both_sides():
    (pair,) = find_alike([written("anna", WRITTEN), written("boris", COPIED)], LESSONS)
    for passages, text in ((pair.in_one, WRITTEN), (pair.in_other, COPIED)):
        (passage,) = passages
        assert passage.path == CONSUMERS
        lines = text.split("\n")
        marked = {lines[number - 1].strip() for number in passage.lines}
        assert any("group_add" in line for line in marked)
        assert any("json.dumps" in line for line in marked)
        # Neither a comment nor an import is anything that they share.
        assert not [line for line in marked if line.startswith(("#", "import", "from"))]


@pytest.mark.parametrize("number", range(1, 7))
def test_right_solutions_of_different_structure_are_not_found(number):
    lesson = find_lesson(str(number))
    submissions = [accepted(lesson, name) for name in lesson.accepted]
    assert find_alike([*submissions, of_reference(lesson, "x")], {lesson.name: lesson}) == []


@pytest.mark.parametrize("number", range(1, 7))
def test_a_copy_of_an_unusual_solution_is_found(number):
    lesson = find_lesson(str(number))
    for name in lesson.accepted:
        one = accepted(lesson, name)
        files = {path: b"# mine\n\n" + content for path, content in one.files.items()}
        other = Submission("boris", lesson.name, "boris", {**files, "chat/more.py": b"x = 1\n"})
        (pair,) = find_alike([one, other], {lesson.name: lesson})
        assert pair.likeness > 0.9, name


@pytest.mark.parametrize("number", range(1, 7))
def test_starters_and_those_who_use_the_references_own_text_are_not_found(number):
    """The last hints and `solution` show it to everybody: it says nothing about two of them."""
    lesson = find_lesson(str(number))
    submissions = [submission(name, lesson=lesson) for name in ("anna", "boris")]
    submissions += [of_reference(lesson, name) for name in ("clara", "dmitri")]
    assert find_alike(submissions, {lesson.name: lesson}) == []


def test_the_same_obvious_lines_are_not_found():
    """One line of each, for which there is hardly another way, and which no reference has."""
    lines = {
        "chat_message": "async def chat_message(self, said):\n    what = said['message']\n"
        "    await self.send(text_data=json.dumps({'message': what}))\n",
        "disconnect": "async def disconnect(self, code):\n    if self.group:\n"
        "        await self.channel_layer.group_discard(self.group, self.channel_name)\n",
    }
    those = [submission(name, sections=lines) for name in ("anna", "boris")]
    assert find_alike(those, LESSONS) == []


def test_what_a_large_part_of_the_class_has_is_no_sign():
    few = [written(f"student {n}", WRITTEN + f"# {n}\n") for n in range(3)]
    assert len(find_alike(few, LESSONS)) == 3
    many = [written(f"student {n}", WRITTEN + f"# {n}\n") for n in range(8)]
    assert find_alike(many, LESSONS) == []
    others = [submission(f"other {n}") for n in range(90)]
    assert len(find_alike(many + others, LESSONS)) == 28


def test_a_part_of_a_longer_one_is_found_and_students_of_two_lessons_are_not_compared():
    more = "".join(f"\n\ndef f{n}(a, b):\n    return [a * {n}, b ** a, a < b]\n" for n in range(20))
    (pair,) = find_alike([written("anna", WRITTEN), written("boris", COPIED + more)], LESSONS)
    assert pair.likeness > 0.9
    fourth = find_lesson("04")
    elsewhere = Submission("boris", fourth.name, "boris", {CONSUMERS: COPIED.encode()})
    both = {**LESSONS, fourth.name: fourth}
    assert find_alike([written("anna", WRITTEN), elsewhere], both) == []


def test_it_says_the_same_each_time_and_in_any_order():
    those = [accepted(LESSON, name) for name in LESSON.accepted]
    those += [written("anna", WRITTEN), written("boris", COPIED), submission("clara")]
    first = find_alike(those, LESSONS)
    random.Random(1).shuffle(those)
    again = find_alike(those, LESSONS)
    assert [(one.likeness, {one.one, one.other}) for one in first] == [
        (one.likeness, {one.one, one.other}) for one in again
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        b"(" * 100_000,
        b"-" * 60_000 + b"1",
        b"a" + b".b" * 60_000,
        b"a" + b"[0]" * 60_000,
        b"if 1:pass\n" + b"elif 1:pass\n" * 15_000,
        b"lambda:" * 20_000 + b"1",
        b"".join(b" " * n + b"if 1:\n" for n in range(600)),
        b"9" * 100_000,
        b"x = 0x" + b"f" * 150_000,
        b"\x00\xff\xfe",
        b"# coding: punycode\n" + b"\xff" * 100_000,
        b'raise SystemExit("\\d")\n',
        b"import os; os._exit(1)\n" * 8_000,
        b"x\r\n" * 66_000,
        b"\xef\xbb\xbf" * 9,
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_hostile_programs_do_no_harm(hostile):
    bad = [written("mallory", hostile), submission("eve", {f"chat/{n}.py": hostile for n in "ab"})]
    good = [written("anna", WRITTEN), written("boris", COPIED)]
    found = find_alike([*bad, *good], LESSONS)
    assert ("anna", "boris") in [(pair.one, pair.other) for pair in found]
    assert similar_page(found, LESSONS, "en")


def test_what_is_refused_or_of_no_lesson_is_left_alone():
    nothing = Submission("anna", LESSON.name, "anna")
    unknown = Submission("boris", "", "boris", {CONSUMERS: WRITTEN.encode()})
    assert find_alike([nothing, unknown, nothing], LESSONS) == []


# ---- The page


class Marked(HTMLParser):
    """The tags of a page, and the texts inside `mark`."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.marked = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        if self.tags[-1:] == ["mark"]:
            self.marked.append(data.strip())


def test_the_page_shows_pairs_side_by_side_and_says_that_it_is_a_hint():
    pairs = find_alike([written("anna", WRITTEN), written("boris", COPIED)], LESSONS)
    page = similar_page(pairs, LESSONS, "en")
    assert b"a hint for a person, and never a verdict" in page
    found = Marked(page)
    assert "await layer.group_add(name, self.consumer.channel_name)" in found.marked
    assert "await l.group_add(g," in found.marked
    assert found.tags.count("pre") == 2


def test_nothing_of_a_submission_is_markup_on_the_page():
    evil = '    x = "</pre><script>alert(1)</script>\x1b[2J\\u202e"\n'
    names = ["<b>anna", "boris\n<script>"]
    text = WRITTEN.replace("        self.rejected = 0\n", "        self.rejected = 0\n    " + evil)
    pairs = find_alike([written(name, text) for name in names], LESSONS)
    page = similar_page(pairs, LESSONS, "ru")
    assert b"\x1b" not in page
    assert not {"script", "b", "link", "img"} & set(Marked(page).tags)
    assert b"&lt;script&gt;" in page


def test_very_many_pairs_are_a_page_all_the_same():
    groups = []
    for number in range(30):
        text = WRITTEN.replace("self.rejected", f"self.rejected + {number}")
        text = text.replace("self.rejected + %d +=" % number, "self.rejected +=")  # noqa: UP031
        text = text.replace("self.rejected + %d = 0" % number, "self.rejected = 0")  # noqa: UP031
        groups += [written(f"{number} {n}", text) for n in range(5)]
    page = similar_page(find_alike(groups, LESSONS) * 40, LESSONS, "en")
    assert page.count(b"<section") <= 100
    assert len(page) < 3_000_000


def test_the_page_is_there_as_long_as_there_are_pairs(tmp_path):
    results = []
    for student in ("anna", "boris"):
        graded = Graded(student, LESSON.name, student, "not_graded", 35, "strong", 7, "abc")
        results.append((graded, mark(graded, Policy(), LESSON)))

    def write(alike):
        write_reports(results, LESSONS, tmp_path, ["html"], "en", seed=7, alike=alike)
        return (tmp_path / "class.html").read_text("utf-8")

    page, link = tmp_path / "similar.html", '<a href="similar.html">'
    pairs = find_alike([written("anna", WRITTEN), written("boris", COPIED)], LESSONS)
    before = write(None)
    assert "Submissions are compared once all are judged." in before
    assert not page.exists()
    found = write(pairs)
    assert link in found
    assert page.is_file()
    none = write([])
    assert "No two submissions are nearly the same." in none
    assert link not in none
    assert not page.exists()
