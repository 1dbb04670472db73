"""JUnit XML, as Jenkins, GitLab and others read it: a suite for each submission."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from ...course.lesson import Lesson
from ...language import Language
from ..graded import Graded
from ..harmless import one_line
from ..marks import Mark
from .cases import Case, cases_of, summary

#: The element that a case which did not pass holds.
_ELEMENTS = {"fail": "failure", "error": "error", "left_out": "skipped", "not_run": "skipped"}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def junit(
    results: Sequence[tuple[Graded, Mark]], lessons: Mapping[str, Lesson], language: Language
) -> bytes:
    """Return the document for all submissions. Private checks stand in it as one case.

    `timestamp` is when something was handed in, 1970 where nothing tells; the format wants one. A
    fault of ours is an `error`, nothing handed in a `failure`.
    """
    suites = [
        _suite(graded, mark, lessons.get(graded.lesson), language) for graded, mark in results
    ]
    root = ElementTree.Element("testsuites", name="channels-workshop")
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    root.extend(suites)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(
    graded: Graded, mark: Mark, lesson: Lesson | None, language: Language
) -> ElementTree.Element:
    cases = cases_of(graded, mark, lesson, language)
    said = summary(graded, mark, lesson, language)
    if graded.status == "error":
        cases = [Case("judged", said[0], "error", 0, mark.of, text="\n".join(said))]
    handed_in = (graded.handed_in_at or _NEVER).astimezone(UTC)
    suite = ElementTree.Element("testsuite", name=_name(graded), hostname="localhost")
    suite.set("timestamp", f"{handed_in:%Y-%m-%dT%H:%M:%S}")
    suite.set("time", f"{graded.duration:.3f}")
    suite.set("tests", str(len(cases)))
    for counted, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        among = [case for case in cases if _ELEMENTS.get(case.status) == element]
        suite.set(counted, str(len(among)))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(graded, mark).items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    suite.extend(_case(case, _name(graded)) for case in cases)
    ElementTree.SubElement(suite, "system-out").text = "\n".join(said)
    return suite


def _case(case: Case, suite: str) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname=suite, name=case.id)
    element.set("time", f"{case.seconds:.3f}")
    if case.status != "pass":
        outcome = ElementTree.SubElement(element, _ELEMENTS[case.status])
        outcome.set("message", case.title)
        if case.status in ("fail", "error"):
            outcome.set("type", case.status)
        outcome.text = case.text
    return element


def _name(graded: Graded) -> str:
    return f"{graded.lesson or 'unknown'}.{one_line(graded.student)}"


def _properties(graded: Graded, mark: Mark) -> dict[str, str]:
    values = {
        "points": "" if mark.points is None else f"{mark.points:g}",
        "of": f"{mark.of:g}",
        "grade": mark.grade or "",
        "status": graded.status,
        "sandbox": graded.sandbox,
        "seed": str(graded.seed),
        "source": one_line(graded.source),
    }
    return {name: value for name, value in values.items() if value}
