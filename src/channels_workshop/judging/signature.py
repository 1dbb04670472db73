"""How a project is wrong, in short: which checks it fails, and in which way each.

Two projects with the same signature are wrong alike, whatever their code looks like. A way is a digest
of the two sentences of a failure, expected and actual, without the values in them: those are random.
Where both are data and no words, it is one of what the agreement says.
"""

import hashlib
from collections.abc import Mapping

from ..language import Message, verbatim
from .failure import Failure
from .verdict import Verdict

#: What a check id is replaced by where the project does not even start.
DOES_NOT_START = "does not start"

#: The words of a message that is all data.
_DATA = verbatim("").text

#: By the id of each check that fails: in which way.
Signature = Mapping[str, str]


def signature_of(verdict: Verdict) -> dict[str, str]:
    """Return the signature of the project that `verdict` is about."""
    if verdict.broken is not None:
        exception, _colon, _words = verdict.broken.headline.partition(":")
        return {DOES_NOT_START: _digest(exception)}
    return {
        result.id: way_of(result.failure) if result.failure else _digest("error")
        for result in verdict.checks
        if result.status in ("fail", "error")
    }


def way_of(failure: Failure) -> str:
    """Return in which way a check has failed."""
    code = str(failure.close_code or "")
    words = (_words(failure.expected), _words(failure.actual))
    sentences = failure.sentences if words == (_DATA, _DATA) else []
    return _digest(*words, code, failure.known or "", *sentences)


def _words(message: Message) -> str:
    inner = [_words(value) for value in message.values.values() if isinstance(value, Message)]
    return "\n".join([message.text, *inner])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
