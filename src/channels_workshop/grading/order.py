"""One submission to judge, as it is sent to whoever judges it; and what its verdict hangs on."""

import functools
import hashlib
from importlib import metadata
from pathlib import Path

import msgspec

from .. import __version__
from ..course.lesson import Lesson
from ..course.project import files_below
from ..processes.sandbox import Level
from .submission import Submission

#: Rooms of the tool that have no say in a verdict.
_WITHOUT_A_SAY = {"cli", "live", "upkeep", "authoring", "learner", "grading", "locale"}

#: What serves a submission and talks to it.
_PACKAGES = ["channels", "channels-redis", "django", "httpx", "redis", "uvicorn", "websockets"]


class Order(msgspec.Struct, frozen=True):
    """Judge `submission` by the checks in the folder `lesson`, in a `sandbox` of that level.

    The random part is replayed from `seed`. It is given up after `longest` seconds.
    """

    submission: Submission
    lesson: str
    fingerprint: str
    seed: int
    sandbox: Level
    longest: float


def order_for(
    submission: Submission, lesson: Lesson, seed: int, sandbox: Level, longest: float
) -> Order:
    """Return the order for a submission of `lesson`."""
    digest = hashlib.sha256()
    for part in (stamp_of(lesson), sandbox, str(seed)):
        digest.update(part.encode() + b"\0")
    for path, content in sorted(submission.files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    fingerprint = digest.hexdigest()[:32]
    return Order(submission, str(lesson.folder), fingerprint, seed, sandbox, longest)


@functools.lru_cache(maxsize=32)  # a class has one lesson, and hundreds of files are read for it
def stamp_of(lesson: Lesson) -> str:
    """Return a digest of all that judges a submission of `lesson`: checks, tool, packages."""
    digest = hashlib.sha256("\n".join(versions().values()).encode())
    packages = [folder for folder in Path(__file__).parents[1].iterdir() if folder.is_dir()]
    judging = sorted(folder for folder in packages if folder.name not in _WITHOUT_A_SAY)
    for folder in (lesson.folder, *judging):
        for path in files_below(folder):
            digest.update(f"{folder.name}/{path}\0".encode() + (folder / path).read_bytes())
    return digest.hexdigest()[:32]


def versions() -> dict[str, str]:
    """Return the versions of what judges, by name."""
    installed = {name: metadata.version(name) for name in _PACKAGES}
    return {"channels-workshop": __version__, **installed}
