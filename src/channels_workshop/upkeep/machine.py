"""What this machine has and lacks for the workshop, and how to fix each lack."""

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass

from .. import REPOSITORY
from ..judging.browser import find_browser
from ..judging.needs import find_nginx
from ..language import _
from ..processes.redis import find_program
from ..processes.sandbox import mend_for_strong, why_not_strong

#: Megabytes that copies, databases and the built site need.
_DISK_MB = 300


@dataclass(frozen=True)
class Finding:
    """One thing that was examined. `optional` things are needed by some verbs only."""

    name: str
    fine: bool
    detail: str
    fix: str = ""
    optional: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the finding as `doctor --json` prints it."""
        return asdict(self)


def examine() -> list[Finding]:
    """Return what there is to say about this machine, what is necessary first."""
    return [_python(), _folder(), _disk(), _redis(), _browser(), _nginx(), _sandbox()]


def _python() -> Finding:
    version = platform.python_version()
    fine = (3, 11) <= sys.version_info < (3, 15)
    fix = "" if fine else _("Install Python 3.11 to 3.14 and run workshop.py with that.")
    return Finding("Python", fine, f"{version}, {platform.platform()}", fix)


def _folder() -> Finding:
    fine = os.access(REPOSITORY, os.W_OK)
    fix = "" if fine else _("Move the workshop to a folder that you may write to.")
    return Finding(_("this folder"), fine, str(REPOSITORY), fix)


def _disk() -> Finding:
    free = shutil.disk_usage(REPOSITORY).free // 2**20
    fix = "" if free >= _DISK_MB else _("Free at least {most} MB.", most=_DISK_MB)
    return Finding(_("free disk"), free >= _DISK_MB, f"{free} MB", fix)


def _redis() -> Finding:
    kind, program = find_program()
    if program is None:
        return Finding(
            "Redis",
            False,
            _("fakeredis, a stand-in: good enough for the checks, not for load figures"),
            _("Install redis-server or valkey-server to use a real one."),
            optional=True,
        )
    return Finding("Redis", True, f"{kind}: {program}")


def _browser() -> Finding:
    found = find_browser()
    fix = "" if found else _("Install Chromium or Chrome; only the checks of pages need it.")
    return Finding(_("browser"), bool(found), found or _("none found"), fix, optional=True)


def _nginx() -> Finding:
    found = find_nginx()
    fix = "" if found else _("Install nginx; only checks of nginx files need it.")
    return Finding("nginx", bool(found), str(found or _("none found")), fix, optional=True)


def _sandbox() -> Finding:
    missing = why_not_strong()
    fix = "" if missing is None else str(mend_for_strong())
    detail = str(missing) if missing else _("bubblewrap, which `grade` needs")
    return Finding(_("sandbox"), missing is None, detail, fix, optional=True)
