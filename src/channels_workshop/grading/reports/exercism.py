"""exercism's test runner interface, version 3: `results.json` of one submission."""

from ...course.lesson import Lesson
from ...language import Language
from ..graded import Graded
from ..marks import Mark
from .cases import HANDED_IN, STARTS, Case, cases_of, summary
from .json_file import json_file

#: What the interface allows of an output, and what it says where there was more.
_OUTPUT = 500
_CUT = "\nOutput was truncated. Please limit to 500 chars"
#: Of a message; it allows 65,535 of one byte.
_MESSAGE = 16_000


def exercism(graded: Graded, mark: Mark, lesson: Lesson | None, language: Language) -> bytes:
    """Return the document of one submission. Its status is `error` where no check has run."""
    cases = cases_of(graded, mark, lesson, language)
    broken = [case for case in cases if case.id in (HANDED_IN, STARTS)]
    if broken or not cases:
        said = [case.text for case in broken] or summary(graded, mark, lesson, language)
        document = {
            "version": 3,
            "status": "error",
            "message": _shortened("\n".join(said), _MESSAGE),
            "tests": [],
        }
    else:
        # What could not be run here is no test of this run: the format has no word for it.
        ran = [case for case in cases if case.status != "not_run"]
        passed = all(case.status == "pass" for case in ran)
        document = {
            "version": 3,
            "status": "pass" if passed else "fail",
            "message": None,
            "tests": [_test(case) for case in ran],
        }
    return json_file(document)


def _test(case: Case) -> dict[str, object]:
    status = {"pass": "pass", "fail": "fail"}.get(case.status, "error")
    test: dict[str, object] = {"name": case.title, "status": status}
    if case.promise:
        test["test_code"] = case.promise
    if case.text and status != "pass":
        test["message"] = _shortened(case.text, _MESSAGE)
    if case.printed:
        test["output"] = _output(case.printed)
    if case.task:
        test["task_id"] = case.task
    return test


def _output(text: str) -> str:
    return text if len(text) <= _OUTPUT else text[: _OUTPUT - len(_CUT)] + _CUT


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "\n…"
