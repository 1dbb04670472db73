"""Before the curtain: is all here that the demo needs, and does it come, on this machine, today?"""

from dataclasses import dataclass

from ...judging.browser import find_browser
from ...language import Message, message
from ...processes.redis import STAND_IN, find_program
from ...processes.supervisor import Supervisor
from .rehearsal import Rehearsed, rehearse
from .script import Demo


@dataclass(frozen=True)
class Finding:
    """Something that was looked at, and whether it is as it should be."""

    good: bool
    text: Message


def look_around(demo: Demo) -> list[Finding]:
    """Return what was found of the machine: Redis where the demo needs one, and a browser."""
    findings = []
    if demo.needs_redis:
        kind, _program = find_program()
        if kind == STAND_IN:
            findings.append(
                Finding(False, message("Redis: only a stand-in ({kind}) is here.", kind=kind))
            )
        else:
            findings.append(Finding(True, message("Redis is here: {kind}", kind=kind)))
    if found := find_browser():
        findings.append(Finding(True, message("A browser: {path}", path=found)))
    else:
        findings.append(
            Finding(False, message("No Chromium or Chrome was found; another browser will do."))
        )
    return findings


async def dress_rehearsal(demo: Demo, supervisor: Supervisor) -> tuple[Finding, Rehearsed]:
    """Play the demo once, forwards. What comes is what one can go on with, if it fails later."""
    rehearsed = await rehearse(demo, supervisor, jumps=False)
    if not rehearsed.failed:
        count = len(demo.steps)
        return Finding(
            True, message("All {count} steps were played, and came.", count=count)
        ), rehearsed
    failed = rehearsed.failed[0]
    text = message(
        "The step “{step}” fails: {expected} Instead: {actual}",
        step=failed.step,
        expected=failed.expected,
        actual=failed.actual,
    )
    return Finding(False, text), rehearsed
