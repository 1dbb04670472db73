"""The notebooks: files that a review can read, two languages in step, and nothing in them untrue.

The slow half runs each in a fresh kernel, in both languages, with its claims (`tests/notebooks/`).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.authoring.notebook_pages import made_from, page_path
from channels_workshop.authoring.notebooks import (
    notebook_files,
    outdated_cells,
    read_translation,
    translation_path,
)
from channels_workshop.course.lessons import lesson_folders
from channels_workshop.language import LANGUAGES
from channels_workshop.notebooks.copies import NotebookCopies
from channels_workshop.notebooks.source import (
    NOTEBOOKS,
    Cell,
    Notebook,
    notebook_names,
    notebook_path,
    read_notebook,
)
from channels_workshop.notebooks.words import read_words

NAMES = notebook_names()
CLAIMS = REPOSITORY / "tests" / "notebooks"
#: Kernels on Windows refuse the first; the second hides what a notebook is to show.
FORBIDDEN = ["create_subprocess_exec", "DJANGO_ALLOW_ASYNC_UNSAFE"]


def english(name: str) -> Notebook:
    return read_notebook(notebook_path(name, "en"))


def code_of(notebook: Notebook) -> str:
    return "\n".join(cell.text for cell in notebook.cells if cell.kind == "code")


def claims_of(name: str) -> dict[str, str]:
    """Return the claims of a notebook by the cell after which they have to hold."""
    _, *parts = re.split(r"^# %% (.+)$", (CLAIMS / f"{name}.py").read_text("utf-8"), flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


# ---- Files


def test_notebooks_are_named_like_lessons():
    assert set(NAMES) <= {folder.name for folder in lesson_folders()}


def test_files_are_in_their_one_form():
    """Without outputs, with no more metadata than the kernel and tags; the Russian ones as made."""
    for path, text in notebook_files(NOTEBOOKS):
        assert path.read_text(encoding="utf-8") == text, "run: python3 workshop.py tables"


@pytest.mark.parametrize("name", NAMES)
def test_cells_have_names(name):
    ids = [cell.id for cell in english(name).cells]
    assert len(set(ids)) == len(ids)
    # An editor's own are random: a review could not tell one from another.
    assert [i for i in ids if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", i) or len(i) > 40] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_its_title_and_its_name(name):
    title, begin = english(name).cells[:2]
    assert title.kind == "markdown"
    assert title.text.startswith("# ")
    assert begin.text.splitlines()[-1] == f'begin("{name[:2]}")'


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_has_at_most_one_heading(name):
    for language in LANGUAGES:
        for cell in read_notebook(notebook_path(name, language)).cells:
            prose = re.sub(r"^```.*?^```$", "", cell.text, flags=re.DOTALL | re.MULTILINE)
            headings = re.findall(r"^#+ ", prose, flags=re.MULTILINE)
            assert cell.kind == "code" or len(headings) <= 1, f"{language}: {cell.id}"


@pytest.mark.parametrize("name", NAMES)
def test_the_russian_text_follows_the_english_one(name):
    texts = read_translation(translation_path(name, NOTEBOOKS))
    assert outdated_cells(english(name), texts) == []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code(name):
    russian = read_notebook(notebook_path(name, "ru"))
    assert [(cell.id, cell.kind) for cell in russian.cells] == [
        (cell.id, cell.kind) for cell in english(name).cells
    ]
    assert code_of(russian) == code_of(english(name))


@pytest.mark.parametrize("word", FORBIDDEN)
def test_nothing_uses_what_is_forbidden(word):
    package = REPOSITORY / "src" / "channels_workshop" / "notebooks"
    for path in [*NOTEBOOKS.rglob("*.ipynb"), *package.rglob("*.py"), *CLAIMS.glob("*.py")]:
        assert word not in path.read_text(encoding="utf-8"), path


# ---- Predictions and claims


@pytest.mark.parametrize("name", NAMES)
def test_each_prediction_is_asked_once_and_then_answered(name):
    code = code_of(english(name))
    asked = re.findall(r'^(predict|reveal)\("(\w+)"\)$', code, flags=re.MULTILINE)
    assert asked == [(verb, told) for _, told in asked[::2] for verb in ("predict", "reveal")]
    words = read_words(notebook_path(name, "en"))
    assert {told for _, told in asked} == set(words.predictions)
    assert set(re.findall(r'\blabel\("(\w+)"\)', code)) == set(words.labels)


@pytest.mark.parametrize("name", NAMES)
def test_claims_are_about_cells_that_are_there(name):
    cells = {cell.id for cell in english(name).cells if cell.kind == "code"}
    claims = claims_of(name)
    assert claims.keys() <= cells
    assert all(
        "assert " in claim or "raises(" in claim or "import " in claim for claim in claims.values()
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_to_fill_in_has_its_claims(name):
    to_fill_in = [cell for cell in english(name).cells if "fill-in" in cell.tags]
    assert to_fill_in
    for cell in to_fill_in:
        assert "check(" in cell.text, cell.id
        assert claims_of(name)[cell.id].count(".passed") >= 2, f"{cell.id}: stub and solution"


# ---- Pages


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_made_of_the_notebook_as_it_is(name, language):
    page = page_path(name, language).read_text(encoding="utf-8")
    made = f'made_from: "{made_from(name, language)}"'
    assert made in page, f"run: python3 workshop.py notebook {name[:2]} --pages"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_lesson_and_its_notebook_link_each_other(name, language):
    lesson = (REPOSITORY / "docs" / language / "lessons" / f"{name}.md").read_text("utf-8")
    assert f"(../notebooks/{name}.md)" in lesson
    assert f"(../lessons/{name}.md)" in page_path(name, language).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_russian_page_was_made_with_all_words_in_the_catalogue(name):
    page = page_path(name, "ru").read_text(encoding="utf-8")
    assert "Predict, then run" not in page, f"run: python3 workshop.py notebook {name[:2]} --pages"


def test_pages_stay_small():
    pages = (REPOSITORY / "docs").glob("*/notebooks/*.md")
    assert sum(page.stat().st_size for page in pages) < 1_500_000


# ---- A learner's copies


@pytest.fixture
def copies(tmp_path, monkeypatch) -> NotebookCopies:
    """Return copies of a notebook that this test may change."""
    ours = tmp_path / "ours"
    ours.mkdir()
    monkeypatch.setattr("channels_workshop.notebooks.copies.NOTEBOOKS", ours)
    put(ours, "one")
    return NotebookCopies(tmp_path / "workspace")


def put(folder: Path, text: str) -> None:
    notebook = Notebook("01_any", (Cell("only", "code", text),))
    (folder / "01_any.ipynb").write_text(notebook.as_text(), encoding="utf-8")


def text_in(path: Path) -> str:
    return read_notebook(path).cells[0].text


def write_note(path: Path, text: str) -> None:
    """Change the cell and give it an output, as JupyterLab saves it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cells"][0] |= {"source": text, "execution_count": 3}
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")


def test_a_copy_without_notes_follows_an_update(copies, tmp_path):
    path = copies.lay("01_any", "en").path
    write_note(path, "one")  # run and saved, and no cell changed
    put(tmp_path / "ours", "two")
    assert not copies.lay("01_any", "en").is_behind
    assert text_in(path) == "two"


def test_notes_are_never_overwritten(copies, tmp_path):
    path = copies.lay("01_any", "en").path
    write_note(path, "mine")
    assert not copies.lay("01_any", "en").is_behind
    put(tmp_path / "ours", "two")
    assert copies.lay("01_any", "en").is_behind
    assert text_in(path) == "mine"


def test_reset_keeps_the_old_copy(copies, tmp_path):
    path = copies.lay("01_any", "en").path
    assert copies.reset("01_any", "en") is not None
    write_note(path, "mine")
    backup = copies.reset("01_any", "en")
    assert backup.is_relative_to(tmp_path / "workspace" / ".backup")
    assert (text_in(backup), text_in(path)) == ("mine", "one")


def test_notebook_refuses_a_lesson_that_there_is_none_of():
    command = [sys.executable, "-m", "channels_workshop", "notebook", "77"]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 2
    assert "77" in run.stderr


# ---- In a fresh kernel

with_kernel = pytest.mark.slow


@pytest.fixture
def jupyter():
    """Skip, with the fix, where the extra is not installed."""
    return pytest.importorskip(
        "nbclient",
        reason="python3 workshop.py --with notebooks test --slow tests/test_notebooks.py",
    )


@pytest.fixture
def left_running(monkeypatch):
    """Return a function that gives the processes started meanwhile that do not end."""
    import psutil

    mark = f"WORKSHOP_TEST={os.getpid()}-{os.urandom(4).hex()}"
    name, _, value = mark.partition("=")
    monkeypatch.setenv(name, value)

    def ours(process: "psutil.Process") -> bool:
        try:
            return process.pid != os.getpid() and process.environ().get(name) == value
        except psutil.Error:
            return False

    def remaining(patience: float = 30) -> list:
        found = [process for process in psutil.process_iter() if ours(process)]
        return psutil.wait_procs(found, timeout=patience)[1]

    return remaining


@with_kernel
def test_a_drawing_takes_on_the_colours_around_it(jupyter):
    from channels_workshop.notebooks import canvas, finish
    from channels_workshop.notebooks.drawing import INK

    figure, axes = canvas(2)
    axes.plot([1, 2, 3], [3, 1, 2])
    axes.set_xlabel("clients")
    axes.set_ylabel("messages a second")
    drawing = finish(figure, "fewer, then more")
    assert "currentColor" in drawing.svg
    assert INK not in drawing.svg
    assert "clients" in drawing.svg
    assert 'aria-label="fewer, then more"' in drawing._repr_html_()


@with_kernel
def test_a_drawing_says_what_its_numbers_count(jupyter):
    from channels_workshop.notebooks import canvas, finish

    figure, axes = canvas(2)
    axes.plot([1, 2, 3], [3, 1, 2])
    with pytest.raises(ValueError, match="the x axis does not say"):
        finish(figure, "a line")


@with_kernel
def test_a_slider_is_a_drawing_where_there_are_no_widgets(jupyter, tmp_path):
    from channels_workshop.notebooks.running import run_notebook

    code = """
from channels_workshop.notebooks import draw_visits, reckoned_visits, slide
slide(lambda n: draw_visits({"tea": reckoned_visits([1.0] * n)}), "guests", 1, 9, 4)
"""
    notebook = Notebook("00_any", (Cell("only", "code", code),))
    [output] = run_notebook(notebook, tmp_path, "en")["cells"][0]["outputs"]
    assert "application/vnd.jupyter.widget-view+json" in output["data"]
    assert "guests: 4" in output["data"]["text/html"]
    assert "<svg" in output["data"]["text/html"]


@with_kernel
def test_a_project_that_does_not_start_shows_its_own_lines_alone(jupyter, tmp_path):
    from channels_workshop.notebooks.running import NotebookFailed, run_notebook

    begin = "from channels_workshop.notebooks.magics import *\nregister_magics()"
    cells = (Cell("begin", "code", begin), Cell("served", "code", "%%views it\nimport no_such"))
    with pytest.raises(NotebookFailed) as failed:
        run_notebook(Notebook("00_any", cells), tmp_path, "en")
    told = str(failed.value)
    assert "ModuleNotFoundError: No module named 'no_such'" in told
    assert 'File "views.py", line 1' in told
    assert "channels_workshop" not in told


@with_kernel
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_what_the_notebook_says_is_so(name, language, tmp_path, jupyter, left_running):
    import nbformat

    from channels_workshop.notebooks.running import run_notebook

    notebook = read_notebook(notebook_path(name, language))
    document = run_notebook(notebook, tmp_path, language, claims_of(name))
    nbformat.validate(document)
    assert left_running() == []


@with_kernel
@pytest.mark.parametrize(
    ("code", "claim", "lost"),
    [
        ("1 / 0", "", False),
        ("answer = 41", "assert answer == 42", False),
        ("import os; os.kill(os.getpid(), 9)", "", True),
        ("while True: pass", "", True),
    ],
    ids=["a cell raises", "a claim does not hold", "the kernel dies", "a cell never ends"],
)
def test_a_lost_kernel_is_no_untrue_statement(code, claim, lost, tmp_path, jupyter, monkeypatch):
    from channels_workshop.notebooks import running

    monkeypatch.setattr(running, "CELL_LIMIT", 3)
    notebook = Notebook("00_any", (Cell("only", "code", code),))
    wanted = running.KernelLost if lost else running.NotebookFailed
    with pytest.raises(wanted, match="only"):
        running.run_notebook(notebook, tmp_path, "en", {"only": claim})


@with_kernel
@pytest.mark.parametrize("ending", ["kill", "restart"])
def test_servers_end_with_the_kernel(ending, tmp_path, jupyter, left_running):
    from jupyter_client.manager import start_new_kernel

    from channels_workshop.notebooks.kernel import KERNEL, install_kernel

    install_kernel()
    manager, client = start_new_kernel(kernel_name=KERNEL, cwd=str(tmp_path))
    try:
        code = (
            'from channels_workshop.notebooks import serve; s = serve("01"); s.running.process.pid'
        )
        said = []
        reply = client.execute_interactive(code, timeout=60, output_hook=said.append)
        assert reply["content"]["status"] == "ok", reply
        [pid] = [
            int(message["content"]["data"]["text/plain"])
            for message in said
            if message["msg_type"] == "execute_result"
        ]
        import psutil

        server = psutil.Process(pid)
        if ending == "kill":
            manager.provisioner.process.kill()
        else:
            manager.restart_kernel(now=True)
        server.wait(timeout=30)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert left_running() == []
