"""What a lesson has for those who want more: overlays of the finished project, by name."""

from pathlib import Path

from ..language import _
from ..trouble import Trouble
from .lesson import Lesson
from .project import files_below
from .reference import lay_over


def further_names(lesson: Lesson) -> list[str]:
    """Return the names of the lesson's overlays, in order."""
    return sorted(path.name for path in (lesson.folder / "further").glob("*") if path.is_dir())


def lay_further(lesson: Lesson, name: str, folder: Path) -> None:
    """Lay the overlay called `name` over the copy of the reference in `folder`.

    Raises Trouble, with the list of overlays, where the lesson has none of that name.
    """
    names = further_names(lesson)
    if name not in names:
        raise Trouble(
            _("{lesson} has nothing further called “{name}”.", lesson=lesson.name, name=name),
            _("It has: {names}.", names=", ".join(names))
            if names
            else _("It has nothing further. Without --further you get the finished project."),
        )
    overlay = lesson.folder / "further" / name
    # An overlay's own README tells about it, and is no part of the project.
    paths = [path for path in files_below(overlay) if path.name != "README.md"]
    lay_over(overlay, folder, paths)
