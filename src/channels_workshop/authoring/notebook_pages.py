"""The site's page of a notebook: its text, its code, and what came of it when it was last run.

Pages are committed, so that a site is built without Jupyter; each notes which notebook it was made of.
`workshop.py notebook --pages` makes them anew. The shape is ours and not nbconvert's: headings
bear the ids of their cells, and drawings stand in the page itself, to take on its colours.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import REPOSITORY
from ..course.lessons import find_lesson
from ..course.pages import notebook_page
from ..invocation import as_others_call_it
from ..language import LANGUAGES, Language
from ..notebooks.running import run_notebook, without_colours
from ..notebooks.source import fingerprint, notebook_path, read_notebook
from ..notebooks.words import words_path

_ABOUT = {
    "en": "This is the notebook of [lesson {number:02}](../lessons/{name}.md), as it ran with the "
    "software of this workshop. Run it yourself, and predict before each experiment:",
    "ru": "Это блокнот [урока {number:02}](../lessons/{name}.md) вместе с тем, что он вывел, когда его "
    "запускали здесь. Запустите его сами и перед каждым опытом предскажите, что будет:",
}
#: A cell of which a page shows only what it says.
_ASKING = re.compile(r'(predict|reveal)\("\w+"\)')
_TITLE = {"en": "Notebook {number:02} · {title}", "ru": "Блокнот {number:02} · {title}"}


def page_path(name: str, language: Language, root: Path = REPOSITORY) -> Path:
    """Return where the page of a notebook stands."""
    return root / "docs" / language / f"{notebook_page(name)}.md"


def made_from(name: str, language: Language, root: Path = REPOSITORY) -> str:
    """Return what a page notes: the hash of all that went into the notebook."""
    notebooks = root / "notebooks"
    words = words_path(notebook_path(name, "en", notebooks))
    said = words.read_text(encoding="utf-8") if words.is_file() else ""
    return fingerprint(read_notebook(notebook_path(name, language, notebooks)).fingerprint + said)


def write_pages(names: Sequence[str], root: Path = REPOSITORY) -> Iterator[str]:
    """Run the notebooks in both languages and write their pages; yield each path as it is done.

    Raises NotebookFailed and KernelLost.
    """
    for name in names:
        english = ""
        for language in LANGUAGES:
            notebook = read_notebook(notebook_path(name, language, root / "notebooks"))
            with tempfile.TemporaryDirectory() as folder, as_others_call_it():
                document = run_notebook(notebook, Path(folder), language)
            notes = {"made_from": made_from(name, language, root)}
            if english:
                notes["follows"] = hashlib.sha256(english.encode()).hexdigest()[:16]
            text = page_of(document, name, language, notes)
            english = english or text
            path = page_path(name, language, root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            yield path.relative_to(root).as_posix()


def page_of(document: dict[str, Any], name: str, language: Language, notes: dict[str, str]) -> str:
    """Return the page of a notebook that has run; `notes` go into its front matter."""
    lesson = find_lesson(name)
    title = lesson.about.title.spoken(language)
    about = _ABOUT[language].format(number=lesson.number, name=name)
    heading = _TITLE[language].format(number=lesson.number, title=title)
    front = {"title": heading, "lesson": name, **notes}
    first, *cells = document["cells"]
    parts = [
        _with_ids(first),
        f"{about}\n\n```console\npython workshop.py notebook {lesson.number:02}\n```",
        *(part for cell in cells for part in _parts(cell)),
    ]
    matter = "".join(
        f"{key}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in front.items()
    )
    return f"---\n{matter}---\n\n" + "\n\n".join(parts) + "\n"


def _parts(cell: dict[str, Any]) -> Iterator[str]:
    if cell["cell_type"] == "markdown":
        yield _with_ids(cell)
        return
    if not _ASKING.fullmatch(cell["source"]):
        yield _fenced(cell["source"], "python")
    for output in cell["outputs"]:
        if part := _output(output):
            yield part


def _with_ids(cell: dict[str, Any]) -> str:
    """Return a Markdown cell; its heading gets the cell's id, the same in every language."""
    return re.sub(
        r"^(#+ .*)$", rf"\1 {{ #{cell['id']} }}", cell["source"], count=1, flags=re.MULTILINE
    )


def _output(output: dict[str, Any]) -> str:
    """Return one output of a cell: as a drawing or a text where it is one, else as it was printed."""
    if output["output_type"] == "stream":
        return _fenced(without_colours(output["text"]), "text")
    if output["output_type"] == "error":
        return _fenced(f"{output['ename']}: {output['evalue']}", "text")
    data = output["data"]
    if "text/html" in data:
        return f'<div class="notebook-output">\n{data["text/html"]}\n</div>'
    if "text/markdown" in data:
        return f'<div class="notebook-output" markdown>\n\n{data["text/markdown"]}\n\n</div>'
    return _fenced(data.get("text/plain", ""), "text")


def _fenced(text: str, kind: str) -> str:
    # HTTP's own ends of lines would be changed by git, and with them the hash that a page notes.
    text = text.replace("\r\n", "\n").strip("\n")
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}" if text else ""
