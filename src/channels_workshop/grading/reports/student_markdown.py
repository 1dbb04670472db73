"""A student's report in Markdown.

What comes from a submission stands in code, in fences longer than any run of backticks in it: nothing
there can become a link, a heading or HTML.
"""

import re
from collections.abc import Iterable, Sequence

from ...course.lesson import Lesson
from ...language import Language
from ..graded import Graded
from ..marks import Mark
from .feedback import Failed, Feedback, feedback_of
from .headings import words

#: What a file begins with, so that we know it for a report of ours.
BEGINS = "<!-- channels-workshop: a report of grade -->\n"

#: Signs that mean something anywhere, or at the beginning of a line.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&$]|^[#+=-])")
_NUMBERED = re.compile(r"^(\d+)([.)])")
#: What some renderers make a link of, escaped or not.
_ADDRESS = re.compile(r"://|www\.|@")
_RUN = re.compile(r"`+")
_CODE = re.compile(r"(`[^`\n]+`)")


def student_markdown(
    graded: Graded, mark: Mark, lesson: Lesson | None, language: Language
) -> bytes:
    """Return the report of one submission."""
    return (BEGINS + _text(feedback_of(graded, mark, lesson, language))).encode()


def _text(said: Feedback) -> str:
    word = words(said.language)
    parts = [
        f"# {prose(said.lesson)}: {code(said.student)}",
        f"**{prose(said.headline)}**",
        "\n".join(f"- {mixed(note)}" for note in said.notes),
        mixed(said.like),
    ]
    if said.broken:
        parts += [f"## {word['does_not_start']}", fenced(said.broken), prose(said.broken_known)]
    if said.failed:
        parts.append(f"## {word['checks_failed']}")
        for failed in said.failed:
            parts += _failed(failed, word)
    if said.passed:
        parts += [f"## {word['checks_passed']}", _list(prose(title) for title in said.passed)]
    if said.private:
        parts += [f"## {word['private']}", prose(said.private)]
    parts += [f"## {word['handed_in']}", code(said.source)]
    if said.taken:
        parts += [f"{word['taken']}:", _list(code(path) for path in said.taken)]
    if said.ignored:
        ignored = [f"{code(path)}: {mixed(why)}" for path, why in said.ignored]
        more = [said.more_ignored] if said.more_ignored else []
        parts += [f"{word['ignored']}:", _list([*ignored, *more])]
    how = [f"{word['sandbox']}: {prose(said.sandbox)}", f"{word['seed']}: {said.seed}"]
    parts += [f"## {word['how']}", _list(how)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _failed(failed: Failed, word: dict[str, str]) -> list[str]:
    parts = [f"### ✗ {prose(failed.title)} ({failed.amount})"]
    parts += [f"> {prose(sentence)}" for sentence in failed.sentences]
    sides = [("expected", failed.expected), ("actual", failed.actual), ("given", failed.given)]
    facts = [f"{word[name]}: {what}" for name, what in sides if what]
    if failed.place:
        facts.append(f"{word['place']}: {failed.place}")
    if failed.reason:
        facts.append(failed.reason)
    if facts:
        parts.append(fenced(facts))
    if failed.moments:
        earlier = [failed.earlier] if failed.earlier else []
        parts += [f"{word['step_by_step']}:", fenced([*earlier, *failed.moments])]
    if failed.log:
        parts += [f"{word['log']}:", fenced(failed.log)]
    if failed.known:
        parts.append(prose(failed.known))
    if failed.hint:
        parts += [f"{word['hint']}:", fenced(failed.hint.split("\n"))]
    if failed.next_hint:
        parts.append(prose(failed.next_hint))
    return parts


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def fenced(lines: Sequence[str]) -> str:
    """Return lines as a block of code that ends where we say."""
    longest = max((len(run) for line in lines for run in _RUN.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def code(text: str) -> str:
    """Return one line as code within a line."""
    if not text.strip():
        return "—"
    longest = max(map(len, _RUN.findall(text)), default=0)
    mark = "`" * (longest + 1)
    edge = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{mark}{edge}{text}{edge}{mark}"


def mixed(text: str) -> str:
    """Return a sentence that may quote a submission: every sign of Markdown stands for itself."""
    if _ADDRESS.search(text):
        return code(text)
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def prose(text: str) -> str:
    """Return an author's sentence: code in backticks stays code, all else stands for itself."""
    parts = _CODE.split(text)
    return "".join(part if _CODE.fullmatch(part) else mixed(part) for part in parts)
