"""A bundle for Gradescope: the zip that is uploaded as an autograder, of one lesson.

What stands in it follows https://gradescope-autograders.readthedocs.io/en/latest/specs/: `setup.sh`
runs once, as root and with a network, while the image is built; `run_autograder` for each submission.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from ... import REPOSITORY
from ...course.lesson import Lesson
from ...course.project import READMES, files_below
from ...errors import WorkshopError
from ...language import message
from .settings import NAME, POLICY, PRIVATE, Settings

_TEMPLATES = Path(__file__).with_name("templates") / "gradescope"
_TO_RUN = ("setup.sh", "run_autograder")
#: What of the repository is needed to grade. Nobody's work, grades or history is among it.
_OF_THE_TOOL = ("workshop.py", "LICENSE", "requirements/build.txt", "requirements/core.txt")
#: What of the lesson is not: other right solutions, and what they are for.
_NOT_NEEDED = ("accepted", "further", "example.py")


def bundle(
    lesson: Lesson,
    lessons: list[Lesson],
    settings: Settings,
    *,
    policy: Path | None = None,
    private: Path | None = None,
) -> bytes:
    """Return the zip for `lesson`; the other `lessons` are in it as far as they have to be recognised.

    `policy` is the file of a policy, `private` the folder of the lesson's private checks. The same is
    packed to the same bytes.
    """
    content = {name: (_TEMPLATES / name).read_bytes() for name in (*_TO_RUN, "README.md")}
    content[NAME] = msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n"
    content |= {f"course/{path}": (REPOSITORY / path).read_bytes() for path in _course(lesson)}
    for other in lessons:
        if other.name != lesson.name:
            content |= {f"course/{path}": (REPOSITORY / path).read_bytes() for path in _bare(other)}
    if policy is not None:
        content[POLICY] = policy.read_bytes()
    if private is not None:
        folder = f"{PRIVATE}/{lesson.name}"
        content |= {
            f"{folder}/{path}": (private / path).read_bytes() for path in files_below(private)
        }
    return _zipped(content)


def write_bundle(file: Path, content: bytes) -> None:
    """Write a bundle to `file`. Raises WorkshopError where something else stands there."""
    if file.exists() and not _is_bundle(file):
        raise WorkshopError(
            message("{path} is no bundle of ours: it is left as it is.", path=str(file)),
            message("Move it away, or give another name with --out."),
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise WorkshopError(
            message("{path} cannot be written: {error}", path=str(file), error=str(error)),
            message("Give another name with --out."),
        ) from None


def _is_bundle(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return {NAME, *_TO_RUN} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _course(lesson: Lesson) -> Iterator[PurePosixPath]:
    """Yield what judges `lesson`, as paths in the repository."""
    yield from map(PurePosixPath, _OF_THE_TOOL)
    tool = PurePosixPath("src/channels_workshop")
    yield from (tool / path for path in files_below(REPOSITORY / tool))
    folder = _in_repository(lesson)
    for path in files_below(lesson.folder):
        if path.parts[0] not in _NOT_NEEDED:
            yield folder / path


def _bare(lesson: Lesson) -> Iterator[PurePosixPath]:
    """Yield what tells a project of `lesson` from those of others."""
    folder = _in_repository(lesson)
    yield folder / "lesson.toml"
    yield from (folder / path for path in lesson.project_files)
    yield from (folder / name for name in READMES if (lesson.folder / name).is_file())


def _in_repository(lesson: Lesson) -> PurePosixPath:
    return PurePosixPath(lesson.folder.relative_to(REPOSITORY).as_posix())


def _zipped(content: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name)  # with a date that is always the same
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name in _TO_RUN else 0o100644) << 16
            archive.writestr(entry, content[name])
    return packed.getvalue()
