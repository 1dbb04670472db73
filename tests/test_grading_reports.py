"""Reports of a class: each format held to its schema, and harmless whatever a submission says.

The schemas below are written from the formats' public documentation; each says where that is.
"""

import csv
import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Literal
from xml.etree import ElementTree

import markdown
import msgspec
import pytest
from markdown_it import MarkdownIt

from channels_workshop.course.lessons import find_lesson
from channels_workshop.errors import WorkshopError
from channels_workshop.grading.graded import Graded
from channels_workshop.grading.marks import mark
from channels_workshop.grading.policy import Policy
from channels_workshop.grading.reports import FORMATS, Alike, document, write_reports
from channels_workshop.grading.reports.class_csv import class_csv
from channels_workshop.grading.reports.class_page import class_page
from channels_workshop.grading.reports.classroom50 import Run, classroom50, run_in
from channels_workshop.grading.reports.exercism import exercism
from channels_workshop.grading.reports.gradescope import gradescope
from channels_workshop.grading.reports.junit import junit
from channels_workshop.grading.reports.prairielearn import LIMIT, prairielearn
from channels_workshop.grading.reports.safe_names import safe_names
from channels_workshop.grading.reports.student_markdown import student_markdown
from channels_workshop.grading.reports.student_page import student_page
from channels_workshop.grading.rules import Extension, Late, LessonRules
from channels_workshop.grading.submission import Ignored
from channels_workshop.judging.failure import DoesNotRun, Failure
from channels_workshop.judging.reports import verdict_json
from channels_workshop.judging.timeline import Moment
from channels_workshop.judging.verdict import Result, Verdict
from channels_workshop.language import message, verbatim

LESSON = find_lesson("03")
LESSONS = {LESSON.name: LESSON}
ALL = sum(check.points for check in LESSON.checks)
FIRST, SECOND = "joins_its_group", "rooms_are_apart"
AT = datetime(2026, 10, 19, 21, 59, tzinfo=UTC)

#: What a submission says that wants more than to be read.
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\n"
    "::notice file=a.py::all passed\n##[set-output]score=35\n"
    "```\n# Full marks\n[you](http://evil.example/) www.evil.example ![](http://evil.example/p)\n"
    "\x1b[2J\x1b]0;title\x07\r\x00\x9b31m\u202eevil\ud800 ]]> & \"'"
)
#: Of these, none may come out of a report as it came in.
RAW = ["<script", "<img", "onerror=alert(2)>", "\x1b", "\x07", "\x00", "\x9b", "\u202e", "\ud800"]


def graded(*failing, failure=None, student="anna", status=None, **changes):
    """Return a submission in which the checks named `failing` fail, in one way, and others pass."""
    results = [
        Result(check.id, check.task, "pass", check.points, duration=0.25) for check in LESSON.checks
    ]
    for result in results:
        if result.id in failing:
            result.status = "fail"
            result.failure = failure or Failure(verbatim("one group"), verbatim("two groups"))
    values = {
        "student": student,
        "lesson": LESSON.name,
        "source": f"{student}.zip",
        "status": status or ("fail" if failing else "pass"),
        "max_score": ALL,
        "sandbox": "strong",
        "seed": 7,
        "fingerprint": "0123456789abcdef",
        "verdict": Verdict(LESSON.name, "target", results, seed=7),
        "taken": ["chat/consumers.py"],
        "handed_in_at": AT,
        "duration": 3.5,
    }
    return Graded(**{**values, **changes})


def hostile():
    """Return a submission that says hostile things wherever one can."""
    failure = Failure(
        message("the text “{text}”", text=HOSTILE),
        verbatim(HOSTILE),
        moments=[Moment("anna", "receives", HOSTILE)],
        file="chat/<b>.py",
        line=3,
        traceback=f"{HOSTILE}\nValueError: {HOSTILE}",
        warning=HOSTILE,
        input=HOSTILE,
        sentences=["G1"],
    )
    return graded(
        FIRST,
        failure=failure,
        student=f"=cmd {HOSTILE}",
        source=HOSTILE,
        taken=[HOSTILE],
        ignored=[Ignored(HOSTILE, message("odd: {what}", what=HOSTILE))],
        notes=[message("noted: {what}", what=HOSTILE)],
    )


def broken():
    submission = graded(status="fail")
    submission.verdict.broken = DoesNotRun("  chat/a.py:3\nNameError: x", "chat/a.py", 3)
    for result in submission.verdict.checks:
        result.status = "error"
    return submission


def nothing():
    reason = message("the archive is empty: {what}", what=HOSTILE)
    return graded(status="not_graded", verdict=None, reason=reason, taken=[])


def ours():
    return graded(status="error", verdict=None, reason=message("the disk is full"))


def private():
    """Return a submission that fails one of two checks that the lesson does not have."""
    submission = graded()
    failure = Failure(verbatim("a secret"), verbatim("another secret"))
    submission.verdict.checks += [
        Result("secret_one", "join", "fail", 3, failure),
        Result("secret_two", "join", "pass", 2),
    ]
    return submission


KINDS = {
    "right": graded,
    "partial": lambda: graded(FIRST, SECOND),
    "hostile": hostile,
    "broken": broken,
    "nothing": nothing,
    "private": private,
}


def marked(submission, policy=None):
    return submission, mark(submission, policy or Policy(), LESSONS.get(submission.lesson))


@pytest.fixture(params=[*KINDS, "ours"])
def result(request):
    """Return one submission of each kind, with its mark."""
    return marked({**KINDS, "ours": ours}[request.param]())


@pytest.fixture(params=["en", "ru"])
def language(request):
    return request.param


def all_results():
    kinds = {**KINDS, "ours": ours}
    return [
        marked(msgspec.structs.replace(make(), student=f"{make().student} {kind}"))
        for kind, make in kinds.items()
    ]


# ---- exercism: exercism.org/docs/building/tooling/test-runners/interface

Text = Annotated[str, msgspec.Meta(min_length=1)]


class ExercismTest(msgspec.Struct, forbid_unknown_fields=True):
    name: Text
    status: Literal["pass", "fail", "error"]
    test_code: Text | None = None
    message: str | None = None
    output: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    task_id: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Exercism(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[3]
    status: Literal["pass", "fail", "error"]
    message: Annotated[str, msgspec.Meta(max_length=65_535)] | None
    tests: list[ExercismTest]

    def __post_init__(self):
        statuses = {test.status for test in self.tests}
        if self.status == "error":
            assert self.message
        elif self.status == "pass":
            assert statuses == {"pass"}
        else:
            assert statuses & {"fail", "error"}


def test_exercism_is_of_version_3(result, language):
    submission, given = result
    text = exercism(submission, given, LESSON, language)
    found = msgspec.json.decode(text, type=Exercism)
    expected = {"pass": "pass", "fail": "fail"}.get(submission.status, "error")
    if submission.verdict and submission.verdict.broken:
        expected = "error"
    if given.private:
        expected = "fail"
    assert found.status == expected


def test_exercism_keeps_the_order_and_names_the_task():
    found = msgspec.json.decode(exercism(*marked(graded(FIRST)), LESSON, "en"), type=Exercism)
    assert [test.name for test in found.tests] == [check.title.en for check in LESSON.checks]
    tasks = [task.id for task in LESSON.tasks]
    assert [tasks[test.task_id - 1] for test in found.tests] == [
        check.task for check in LESSON.checks
    ]
    first = found.tests[0]
    assert first.status == "fail"
    assert "expected: one group" in first.message
    assert first.test_code.startswith("G1. ")


def test_exercism_shortens_what_was_printed():
    failure = Failure(verbatim("a"), verbatim("b"), traceback="x\n" * 5_000)
    found = msgspec.json.decode(
        exercism(*marked(graded(FIRST, failure=failure)), LESSON, "en"), type=Exercism
    )
    assert len(found.tests[0].output) == 500
    assert found.tests[0].output.endswith("Output was truncated. Please limit to 500 chars")


def test_exercism_leaves_out_what_could_not_be_run():
    submission = graded()
    submission.verdict.checks[0].status = "not_run"
    found = msgspec.json.decode(exercism(*marked(submission), LESSON, "en"), type=Exercism)
    assert (found.status, len(found.tests)) == ("pass", len(LESSON.checks) - 1)


# ---- Gradescope: gradescope-autograders.readthedocs.io/en/latest/specs

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
TextFormat = Literal["text", "html", "simple_format", "md", "ansi"]
Number = Annotated[float, msgspec.Meta(ge=0)]


class GradescopeTest(msgspec.Struct, forbid_unknown_fields=True):
    score: Number
    max_score: Number
    status: Literal["passed", "failed"]
    name: Text
    name_format: TextFormat
    number: Text
    output: str
    output_format: TextFormat
    tags: list[str]
    visibility: Visibility
    extra_data: dict[str, object]


class Gradescope(msgspec.Struct, forbid_unknown_fields=True):
    score: Number
    execution_time: Number
    output: str
    output_format: TextFormat
    visibility: Visibility
    stdout_visibility: Visibility
    extra_data: dict[str, object]
    tests: list[GradescopeTest]


def test_gradescope_gets_its_results(result, language):
    submission, given = result
    text = gradescope(submission, given, LESSON, language)
    if given.points is None:
        # Without a file, it says that the autograder has failed. A score would be a zero.
        assert text is None
        return
    found = msgspec.json.decode(text, type=Gradescope)
    assert found.score == given.points
    assert sum(test.score for test in found.tests) == given.points
    assert sum(test.max_score for test in found.tests) == given.of


# ---- Classroom 50: github.com/foundation50/classroom50, schemas/result-v1

Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$")]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Classroom50Test(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    test_name: Text
    passed: bool
    score: Count
    max_score: Count

    def __post_init__(self):
        assert self.score <= self.max_score


class SubmittedBy(msgspec.Struct, forbid_unknown_fields=True):
    username: Text
    id: int | None = None


class Classroom50(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    schema: Literal["classroom50/result/v1"]
    classroom: Text
    assignment: Text
    assignment_type: Literal["individual", "group", "team"]
    owner: Text
    submission: Annotated[str, msgspec.Meta(pattern="^submit/")]
    commit: Text
    release: Text
    review: Text
    datetime: Time
    score: Count
    max_score: Count = msgspec.field(name="max-score")
    tests: list[Classroom50Test]
    graded_at: Time | None = None
    submitted_by: SubmittedBy | None = None

    def __post_init__(self):
        assert self.score <= self.max_score


def test_classroom_50_gets_its_result(result, language):
    submission, given = result
    text = classroom50(submission, given, LESSON, language)
    if given.points is None:
        assert text is None
        return
    found = msgspec.json.decode(text, type=Classroom50)
    assert (found.score, found.max_score) == (given.points, given.of)
    assert found.datetime == "2026-10-19T21:59:00Z"
    assert found.owner.startswith(submission.student[:4])


def test_classroom_50_knows_the_run_that_its_runner_tells_of():
    environment = {
        "CLASSROOM": "cs",
        "ASSIGNMENT": "three",
        "SUBMISSION_TAG": "submit/2026-10-19T21-59-00Z-abcdef0",
        "COMMIT_URL": "https://example.org/c",
        "RELEASE_URL": "https://example.org/r",
        "OWNER": "anna",
    }
    run = run_in(environment)
    assert run == Run(
        "cs",
        "three",
        "individual",
        "anna",
        "submit/2026-10-19T21-59-00Z-abcdef0",
        "https://example.org/c",
        "https://example.org/r",
        "https://example.org/c",
    )
    text = classroom50(*marked(graded(FIRST)), LESSON, "en", run)
    assert msgspec.json.decode(text, type=Classroom50).classroom == "cs"
    assert run_in({**environment, "CLASSROOM": ""}) is None


def test_classroom_50_takes_whole_points():
    policy = Policy(lessons={LESSON.name: LessonRules(checks={FIRST: 2.5})})
    found = msgspec.json.decode(
        classroom50(*marked(graded(), policy), LESSON, "en"), type=Classroom50
    )
    assert (found.score, found.max_score) == (ALL + 1, ALL + 1)


# ---- PrairieLearn: docs.prairielearn.com/externalGrading


class PrairieLearnTest(msgspec.Struct, forbid_unknown_fields=True):
    name: Text
    description: str
    points: Number
    max_points: Number
    message: str
    output: str


class PrairieLearn(msgspec.Struct, forbid_unknown_fields=True):
    gradable: bool
    score: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    message: str = ""
    output: str = ""
    format_errors: str | list[str] = ""
    tests: list[PrairieLearnTest] = []

    def __post_init__(self):
        assert (self.score is not None) == self.gradable
        assert self.gradable or self.format_errors


def test_prairielearn_gets_its_results(result, language):
    submission, given = result
    text = prairielearn(submission, given, LESSON, language)
    found = msgspec.json.decode(text, type=PrairieLearn)
    assert found.gradable == (submission.verdict is not None)
    if found.gradable:
        assert found.score == pytest.approx(given.points / given.of, abs=1e-6)


def test_a_result_near_the_limit_loses_texts_and_no_points():
    failure = Failure(
        verbatim("ж" * 9_000),
        verbatim("я" * 9_000),
        traceback="\n".join(["line " + "щ" * 80] * 200),
        moments=[Moment("anna", "receives", "ы" * 1_900)] * 40,
    )
    failing = [check.id for check in LESSON.checks][1:]
    submission = graded(*failing, failure=failure)
    text = prairielearn(*marked(submission), LESSON, "en")
    assert len(text) <= LIMIT
    found = msgspec.json.decode(text, type=PrairieLearn)
    assert found.score == pytest.approx(2 / ALL, abs=1e-6)
    assert len(found.tests) == len(LESSON.checks)
    assert "characters)" in found.tests[1].output


# ---- JUnit XML: as Jenkins' and pytest's schemas have it

#: Of each element: the attributes that it must have, those that it may have, and its children.
JUNIT = {
    "testsuites": ({"name"}, {"tests", "failures", "errors", "skipped", "time"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        set(),
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"classname", "name", "time"}, set(), ["skipped", "error", "failure"]),
    "failure": ({"message"}, {"type"}, []),
    "error": ({"message"}, {"type"}, []),
    "skipped": (set(), {"message"}, []),
    "system-out": (set(), set(), []),
}
JUNIT_VALUES = {
    **dict.fromkeys(["tests", "failures", "errors", "skipped"], r"\d+"),
    "time": r"\d+\.\d+",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
}


def check_junit(element):
    """Raise AssertionError where `element` is not as the schema says."""
    required, optional, children = JUNIT[element.tag]
    assert required <= set(element.keys()) <= required | optional, element.tag
    for name, value in element.items():
        assert re.fullmatch(JUNIT_VALUES.get(name, ".*"), value, re.DOTALL), (name, value)
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order), element.tag
    if element.tag == "testsuite":
        cases = element.findall("testcase")
        assert int(element.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(name)) == len(element.findall(f"testcase/{tag}"))
    for child in element:
        check_junit(child)


def test_junit_xml_has_a_suite_for_each_submission(language):
    root = ElementTree.fromstring(junit(all_results(), LESSONS, language))
    assert root.tag == "testsuites"
    check_junit(root)
    suites = root.findall("testsuite")
    assert len(suites) == len(KINDS) + 1
    by_kind = dict(zip([*KINDS, "ours"], suites, strict=True))
    assert by_kind["right"].get("failures") == "0"
    assert by_kind["partial"].get("failures") == "2"
    assert by_kind["nothing"].get("failures") == "1"
    assert by_kind["ours"].get("errors") == "1"
    assert by_kind["partial"].find("testcase").get("name") == FIRST


# ---- The document of the contract


class IgnoredFile(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    why: str


class DocumentSubmission(msgspec.Struct, forbid_unknown_fields=True):
    student: str
    lesson: str
    source: str
    status: Literal["pass", "fail", "error", "not_graded"]
    score: Number | None
    max_score: Number
    reason: str | None
    taken: list[str]
    ignored: list[IgnoredFile]
    behaves_like: str | None
    verdict: dict[str, object] | None


class Document(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    seed: int
    sandbox: Literal["strong", "basic"]
    submissions: list[DocumentSubmission]


def test_the_document_is_that_of_the_contract(tmp_path, language):
    results = all_results()
    found = msgspec.convert(document(results, LESSONS, 7, "strong", language), Document)
    assert [one.student for one in found.submissions] == [one.student for one, _mark in results]
    partial, (submission, _given) = found.submissions[1], results[1]
    assert (partial.score, partial.max_score) == (ALL - 3, ALL)
    assert partial.verdict == verdict_json(LESSON, submission.verdict, language)
    assert found.submissions[-1].score is None
    assert "the disk is full" in found.submissions[-1].reason or language == "ru"
    (path,) = write_reports(results, LESSONS, tmp_path, ["json"], language, seed=7)
    assert msgspec.json.decode(path.read_bytes(), type=Document).seed == 7
    assert all(char not in path.read_text(encoding="utf-8") for char in "\x1b\x9b\u202e")


def test_points_are_as_the_policy_has_them():
    rules = LessonRules(deadline=AT, late=Late(per_day=10))
    policy = Policy(zone="UTC", lessons={LESSON.name: rules})
    late = graded(handed_in_at=AT.replace(day=20))
    results = [marked(late, policy)]
    found = document(results, LESSONS, 7, "strong", "en")["submissions"][0]
    assert (found["score"], found["max_score"]) == (ALL * 0.9, ALL)
    told = msgspec.json.decode(gradescope(*results[0], LESSON, "en"), type=Gradescope)
    assert told.score == ALL * 0.9
    assert "late by 1 day, minus 10 %" in told.output
    extended = msgspec.structs.replace(policy, extensions=[Extension("anna", days=1)])
    assert marked(late, extended)[1].points == ALL


# ---- CSV


def rows_of(results, language="en"):
    text = class_csv(results, LESSONS, language).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_table_has_a_column_for_each_check():
    rows = rows_of(all_results())
    checks = [column for column in rows[0] if column.startswith("check:")]
    ids = [check.id for check in LESSON.checks]
    assert checks == [f"check:{id}" for id in [*ids, "secret_one", "secret_two"]]
    assert len(rows) == len(KINDS) + 1
    by_kind = dict(zip([*KINDS, "ours"], rows, strict=True))
    assert by_kind["partial"]["points"] == str(ALL - 3)
    assert by_kind["partial"][f"check:{FIRST}"] == "fail"
    assert by_kind["ours"]["points"] == ""
    assert by_kind["nothing"]["points"] == "0"
    assert by_kind["broken"][f"check:{FIRST}"] == "error"
    assert by_kind["right"]["handed_in_at"] == "2026-10-19T21:59:00+00:00"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_no_cell_is_a_formula(sign):
    formula = f"{sign}HYPERLINK(1)"
    submission = graded(student=formula, source=formula, reason=message(formula), status="error")
    rows = rows_of([marked(submission)])
    for name in ("student", "source", "reason"):
        assert not rows[0][name].lstrip().startswith(("=", "+", "-", "@", "＝")), name
        assert "HYPERLINK" in rows[0][name]


def test_two_checks_with_one_title_keep_their_columns_and_lines():
    twin = msgspec.structs.replace(LESSON.checks[1], title=LESSON.checks[0].title)
    lesson = find_lesson("03")
    lesson.checks[1] = twin
    assert len(rows_of([marked(graded())])[0]) == len(LESSON.checks) + 16
    found = msgspec.json.decode(gradescope(*marked(graded()), lesson, "en"), type=Gradescope)
    title = LESSON.checks[0].title.en
    assert [test.name for test in found.tests[:2]] == [f"{title} ({FIRST})", f"{title} ({SECOND})"]


# ---- What students read


class Elements(HTMLParser):
    """Collects the elements of a page, with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def outside(page):
    """Return what would load something or run something."""
    found = Elements(page)
    wanted = {"script", "img", "iframe", "link", "object", "svg", "form", "base"}
    return [tag for tag in found.tags if tag in wanted] + [
        (name, value)
        for name, value in found.attributes
        if name.startswith("on") or name == "src" or (name == "href" and ":" in (value or ""))
    ]


def test_a_page_holds_nothing_that_a_submission_says_but_text(language):
    submission, given = marked(hostile())
    page = student_page(submission, given, LESSON, language).decode()
    assert outside(page) == []
    assert "<b>" not in page.replace("<b>✗", "")
    assert not [raw for raw in RAW if raw in page]
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    whole = class_page([(submission, given)], LESSONS, language).decode()
    assert outside(whole) == []
    assert not [raw for raw in RAW if raw in whole]


@pytest.mark.parametrize(
    "render",
    [
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).render,
        lambda text: markdown.markdown(text, extensions=["fenced_code", "tables"]),
    ],
    ids=["CommonMark", "Python-Markdown"],
)
def test_markdown_holds_nothing_that_a_submission_says_but_text(render, language):
    text = student_markdown(*marked(hostile()), LESSON, language).decode()
    assert not [raw for raw in RAW if raw in text and not raw.startswith(("<", "on"))]
    page = render(text)
    assert outside(page) == []
    assert not {"a", "h1"} & set(Elements(page.replace("<h1>", "", 1)).tags)
    # Some renderers make links of plain addresses: these stand in code.
    plain = re.sub(r"<code.*?</code>", "", page, flags=re.DOTALL)
    assert "evil.example" not in plain


def test_no_line_of_a_report_is_a_command():
    results = [marked(hostile())]
    texts = [
        student_markdown(*results[0], LESSON, "en"),
        student_page(*results[0], LESSON, "en"),
        class_page(results, LESSONS, "en"),
        class_csv(results, LESSONS, "en"),
        junit(results, LESSONS, "en"),
        *(each(*results[0], LESSON, "en") for each in (exercism, gradescope, prairielearn)),
    ]
    for text in texts:
        lines = text.decode().splitlines()
        assert not [line for line in lines if re.match(r"\s*::", line) or "##[" in line]


def test_a_report_says_what_happened_and_what_to_do():
    failure = Failure(
        verbatim("one group"),
        verbatim("two groups"),
        moments=[Moment("anna", "sends", f"frame {n}") for n in range(20)],
        file="chat/consumers.py",
        line=12,
        traceback="KeyError: 'x'",
        input='{"message": 1}',
        sentences=["G1"],
        task="join",
    )
    submission = graded(
        FIRST,
        SECOND,
        failure=failure,
        behaves_like="group_add_not_awaited",
        ignored=[Ignored("tests/conftest.py", message("not yours"))],
    )
    for emitter in (student_page, student_markdown):
        text = emitter(*marked(submission), LESSON, "en").decode().replace("&#34;", '"')
        for said in [
            "32 of 35 points",
            "The answer behaves like",
            "one group",
            "two groups",
            '{"message": 1}',
            "chat/consumers.py:12",
            "frame 19",
            "… 6 lines before",
            "tests/conftest.py",
            "not yours",
            "strong: it ran shut off",
            "What turns any text into a short ASCII string",
            "hint 03 join",
        ]:
            assert said in text, (emitter, said)
        assert text.count("What turns any text") == 1
        assert "frame 5" not in text


def test_a_project_that_does_not_start_is_told_of_the_page_that_explains_it():
    known = LESSON.known_errors[0]
    submission = broken()
    submission.verdict.broken = DoesNotRun("NameError: x", known=known.id)
    for emitter in (student_page, student_markdown):
        text = emitter(*marked(submission), LESSON, "en").decode()
        assert f"#{known.anchor}" in text.replace("\\", "")


def test_nothing_is_said_of_a_mistake_that_does_not_fit():
    text = student_markdown(*marked(graded(FIRST)), LESSON, "en").decode()
    assert "behaves like" not in text
    unknown = graded(FIRST, behaves_like="no_such_mistake")
    assert "behaves like" not in student_markdown(*marked(unknown), LESSON, "en").decode()


def test_private_checks_are_counted_and_not_shown():
    submission, given = marked(private())
    students = [student_markdown, student_page, exercism, gradescope, classroom50, prairielearn]
    texts = [emitter(submission, given, LESSON, "en").decode() for emitter in students]
    texts.append(junit([(submission, given)], LESSONS, "en").decode())
    for text in texts:
        assert "secret" not in text
        assert "Private checks" in text
    assert "1 of 2 private checks pass." in texts[0]
    assert "2 of 5 points" in texts[0]
    whole = class_page([(submission, given)], LESSONS, "en").decode()
    assert "secret_one *" in whole


def test_a_required_private_check_is_not_named_either():
    rules = LessonRules(required={"secret_one": 10})
    policy = Policy(lessons={LESSON.name: rules})
    result = marked(private(), policy)
    assert result[1].points == 4
    text = student_page(*result, LESSON, "en").decode()
    assert "secret" not in text
    assert "a private check decides this" in text


def test_every_reason_for_a_zero_reads_differently(language):
    texts = [
        student_markdown(*marked(make()), LESSON, language).decode() for make in (nothing, broken)
    ]
    ours_too = student_markdown(*marked(ours()), LESSON, language).decode()
    assert len({*texts, ours_too}) == 3
    assert "NameError: x" in texts[1]


def test_reports_need_no_lesson():
    submission = graded(status="not_graded", verdict=None, lesson="", reason=message("whose?"))
    result = (submission, mark(submission, Policy(), None))
    for each in (student_page, student_markdown, exercism, gradescope, classroom50, prairielearn):
        assert each(*result, None, "en")
    assert "whose?" in class_page([result], LESSONS, "en").decode()
    assert document([result], LESSONS, 1, "strong", "en")["submissions"][0]["verdict"] is None


# ---- The page of a class


def test_the_page_of_a_class_tells_all_of_it():
    alike = [Alike(LESSON.name, "anna", "boris <b>", 0.97)]
    mistaken = graded(FIRST, student="boris", behaves_like="group_add_swapped")
    results = [*all_results(), marked(mistaken)]
    links = {("boris", LESSON.name): "students/boris/x.html"}
    page = class_page(results, LESSONS, "en", alike=alike, links=links).decode()
    assert '<a href="students/boris/x.html">boris</a>' in page
    assert "97%" in page
    assert "boris &lt;b&gt;" in page
    assert re.sub("</?code>", "`", LESSON.mistakes["group_add_swapped"].title.en) in re.sub(
        "</?code>", "`", page
    )
    found = Elements(page)
    assert found.tags.count("th") > len(LESSON.checks)
    assert {"col", "row", "colgroup"} <= {
        value for name, value in found.attributes if name == "scope"
    }
    # Not by colour alone: each state has its sign.
    for sign in "✓✗○":
        assert f">{sign}</td>" in page


def test_a_class_of_two_hundred_is_no_burden():
    results = [marked(graded(FIRST, student=f"student {n:03}")) for n in range(200)]
    page = class_page(results, LESSONS, "en")
    assert len(page) < 700_000
    assert page.count(b'<tr><th scope="row" title="student') == 200


# ---- Files

AWKWARD = [
    *("anna", "Anna", "ANNA", "CON", "com1.txt", "nul", "a/b", "a\\b", "a:b", "..", ".", "", " "),
    *("a.", "a ", "-rf", "Андрей Петров", "x" * 400, "ж" * 400, "a\x00b", "a\nb", "\ud800", "é"),
    *("e\u0301", "anna-" + "0" * 8, "COM¹", "a?b"),
]


def test_names_of_files_are_valid_and_unlike_on_every_system():
    found = safe_names(AWKWARD)
    names = list(found.values())
    assert len(names) == len(AWKWARD)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert len(name.encode()) <= 200
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert not name.startswith(("-", "."))
        assert not name.endswith((".", " "))
        assert not re.fullmatch(r"(?i)(con|nul|com[1¹])(\..*)?", name)
    assert found["Андрей Петров"] == "Андрей_Петров"
    assert safe_names(["anna", "boris"]) == {"anna": "anna", "boris": "boris"}
    assert safe_names(reversed(AWKWARD)) == found


def test_all_formats_are_written(tmp_path, language):
    results = all_results()
    paths = write_reports(results, LESSONS, tmp_path, list(FORMATS), language, seed=7)
    assert len(paths) == len(set(paths))
    assert all(path.is_file() for path in paths)
    names = {path.relative_to(tmp_path).parts[0] for path in paths}
    assert names == {
        *("class.csv", "class.html", "students", "junit.xml", "grades.json"),
        *("exercism", "gradescope", "classroom50", "prairielearn", "github"),
    }
    links = re.findall(r'href="(students/[^"]+)"', (tmp_path / "class.html").read_text("utf-8"))
    assert len(links) == len(results)
    # Ours can be written again, and stay the same.
    before = {path: path.read_bytes() for path in paths}
    assert write_reports(results, LESSONS, tmp_path, list(FORMATS), language, seed=7) == paths
    assert {path: path.read_bytes() for path in paths} == before
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_not_ours_stays_as_it_is(tmp_path):
    table = tmp_path / "class.csv"
    table.write_text("my own,table\n", encoding="utf-8")
    with pytest.raises(WorkshopError, match=r"class\.csv is not a report of ours"):
        write_reports([marked(graded())], LESSONS, tmp_path, ["md", "csv"], "en", seed=7)
    assert list(tmp_path.iterdir()) == [table]
    assert table.read_text(encoding="utf-8") == "my own,table\n"


def test_an_old_result_does_not_outlive_a_fault_of_ours(tmp_path):
    (path,) = write_reports([marked(graded())], LESSONS, tmp_path, ["gradescope"], "en", seed=7)
    assert path == tmp_path / "gradescope/anna" / LESSON.name / "results.json"
    assert write_reports([marked(ours())], LESSONS, tmp_path, ["gradescope"], "en", seed=7) == []
    assert not path.exists()


def test_an_unknown_format_is_refused_with_those_that_there_are(tmp_path):
    with pytest.raises(WorkshopError, match="Did you mean gradescope") as refused:
        write_reports([], LESSONS, tmp_path, ["gradscope"], "en", seed=7)
    assert refused.value.fix
    with pytest.raises(WorkshopError, match="The formats are: html, md, csv"):
        write_reports([], LESSONS, tmp_path, ["xyz"], "en", seed=7)


def test_names_of_files_do_not_hang_on_who_has_come_yet(tmp_path):
    def names(*students, known=("anna", "Anna")):
        results = [marked(graded(student=student)) for student in students]
        paths = write_reports(results, LESSONS, tmp_path, ["md"], "en", seed=7, students=known)
        return [path.parent.name for path in paths]

    (first,) = names("anna")
    assert first in names("anna", "Anna")
    assert Path(first).name.startswith("anna-")
