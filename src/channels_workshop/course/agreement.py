"""The agreement of a lesson: numbered sentences, which stand once, in its README.

A sentence begins a list item, `- **R1** A room name is …`, or a row of a table, whose first cell
holds its id: `| **P1** | GET / | … |`. README.ru.md says the same, under the same ids, in Russian.
Ids with the letter Z name freedoms: what is left to the one who writes the project.
"""

import re
from pathlib import Path

from ..errors import WorkshopError
from .words import Words

_FREEDOM = "Z"
_ID = r"\*\*(?P<id>[A-Z]+[0-9]+)\*\*"
_ITEM = re.compile(rf"^(?:[-*] )?{_ID}[.:]? +(?P<text>\S.*(?:\n  +\S.*)*)", re.MULTILINE)
_ROW = re.compile(rf"^\| *{_ID} *\|(?P<cells>.*)\| *$", re.MULTILINE)
#: Between two cells; a vertical bar of a cell's own is written `\|`.
_BAR = re.compile(r"(?<!\\)\|")


class BrokenAgreement(WorkshopError):
    """An agreement whose two languages do not say the same. For authors, so in English."""


def read_agreement(folder: Path) -> dict[str, Words]:
    """Return the sentences of the lesson in `folder` by their ids, in their order.

    Raises BrokenAgreement where an id stands twice, or in one language only.
    """
    english, russian = (_sentences_in(folder / name) for name in ("README.md", "README.ru.md"))
    if lonely := sorted(english.keys() ^ russian.keys()):
        raise BrokenAgreement(
            f"{folder.name}: README.md or README.ru.md has no sentence {', '.join(lonely)}",
            "Both say the same, each in its language.",
        )
    return {name: Words(text, russian[name]) for name, text in english.items()}


def is_freedom(sentence_id: str) -> bool:
    """Tell whether a sentence leaves something open, and promises nothing."""
    return sentence_id.startswith(_FREEDOM)


def _sentences_in(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    found = [
        (item.start(), item["id"], " ".join(item["text"].split())) for item in _ITEM.finditer(text)
    ]
    found += [(row.start(), row["id"], _as_sentence(row["cells"])) for row in _ROW.finditer(text)]
    sentences: dict[str, str] = {}
    for _place, name, sentence in sorted(found):
        if name in sentences:
            raise BrokenAgreement(f"{path}: the id {name} stands twice", "Rename one of the two.")
        sentences[name] = sentence
    return sentences


def _as_sentence(cells: str) -> str:
    """Return a row of a table as one line: `first cell`: the others."""
    first, *others = [cell.strip().replace("\\|", "|") for cell in _BAR.split(cells)]
    return f"{first}: {' · '.join(filter(None, others))}" if any(others) else first
