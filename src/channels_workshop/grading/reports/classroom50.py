"""Classroom 50's `result.json` of one submission: the schema `classroom50/result/v1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ...course.lesson import Lesson
from ...language import Language
from ..graded import Graded
from ..marks import Mark
from .cases import cases_of
from .json_file import json_file

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """What the service knows of a run and we do not, as its runner puts it into the environment."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str


def run_in(environment: Mapping[str, str]) -> Run | None:
    """Return the run that `environment` tells of, None where this is no run of the service."""
    names = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
    if not all(environment.get(name) for name in names):
        return None
    owner = environment.get("OWNER") or environment.get("USERNAME") or ""
    return Run(
        classroom=environment["CLASSROOM"],
        assignment=environment["ASSIGNMENT"],
        assignment_type=environment.get("ASSIGNMENT_TYPE") or "individual",
        owner=owner or environment.get("GITHUB_REPOSITORY_OWNER", "unknown"),
        submission=environment["SUBMISSION_TAG"],
        commit=environment["COMMIT_URL"],
        release=environment["RELEASE_URL"],
        review=environment.get("REVIEW_URL") or environment["COMMIT_URL"],
    )


def classroom50(
    graded: Graded, mark: Mark, lesson: Lesson | None, language: Language, run: Run | None = None
) -> bytes | None:
    """Return the document of one submission; None where the fault is ours.

    Then the service makes a result of its own, with the status `error`. Points are whole numbers
    there: ours are rounded, halves up. Without a `run` the links are what the submission was read
    from. `datetime` is when it was handed in, 1970 where nothing tells, which is never late.
    """
    if mark.points is None:
        return None
    handed_in = (graded.handed_in_at or _NEVER).astimezone(UTC)
    run = run or _made_up(graded, handed_in)
    document = {
        "schema": "classroom50/result/v1",
        "classroom": run.classroom,
        "assignment": run.assignment,
        "assignment_type": run.assignment_type,
        "owner": run.owner,
        "submission": run.submission,
        "commit": run.commit,
        "release": run.release,
        "review": run.review,
        "datetime": f"{handed_in:{_TIME}}",
        "score": _whole(mark.points),
        "max-score": _whole(mark.of),
        "tests": [
            {
                "test-name": case.title,
                "passed": case.status == "pass",
                "score": _whole(case.points),
                "max-score": _whole(case.of),
            }
            for case in cases_of(graded, mark, lesson, language)
        ],
    }
    return json_file(document)


def _made_up(graded: Graded, handed_in: datetime) -> Run:
    source = graded.source or graded.student
    return Run(
        classroom="channels-workshop",
        assignment=graded.lesson.replace("_", "-") or "unknown",
        assignment_type="individual",
        owner=graded.student,
        submission=f"submit/{handed_in:%Y-%m-%dT%H-%M-%SZ}-{graded.fingerprint[:7] or '0000000'}",
        commit=source,
        release=source,
        review=source,
    )


def _whole(points: float) -> int:
    return int(points + 0.5)
