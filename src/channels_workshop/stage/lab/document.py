"""What `lab --json` prints; texts in the language that is spoken."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...language import current
from .fault import Fault
from .playing import Outcome


def fault_list(faults: Sequence[Fault]) -> dict[str, Any]:
    """Return the document of all faults."""
    language = current()
    return {
        "version": 1,
        "faults": [{"id": f.id, "title": f.about.title.spoken(language)} for f in faults],
    }


def outcome_document(fault: Fault, outcome: Outcome | None) -> dict[str, Any]:
    """Return the document of a fault that was played; None where something is missing here.

    `status` is `as_explained`, `otherwise` or `skipped`; `why` says what is missing, or was waited for.
    """
    language, about = current(), fault.about
    status, why = "skipped", str(fault.why_skipped() or "")
    if outcome:
        status, why = "as_explained" if outcome.is_as_explained else "otherwise", outcome.stuck
    return {
        "version": 1,
        "fault": fault.id,
        "title": about.title.spoken(language),
        "question": about.question.spoken(language),
        "choices": about.choices.spoken(language),
        "answer": about.answer,
        "explanation": about.explanation.spoken(language),
        "status": status,
        "why": why or None,
        "claims": [
            {"claim": name, "holds": holds}
            for name, holds in (outcome.claims if outcome else {}).items()
        ],
        "timeline": msgspec.to_builtins(list(outcome.events) if outcome else []),
    }
