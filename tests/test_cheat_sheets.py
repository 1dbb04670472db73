"""The cheat sheets and the best practices: what they say is proved elsewhere; a sheet is one page."""

import functools
import http.server
import re
import subprocess
import sys
import threading
import tomllib

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.judging.browser import browser, can_drive, find_browser

LANGUAGES = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
SHEETS = sorted(path.stem for path in (REPOSITORY / "docs/en/cheat-sheets").glob("*.md"))
#: An anchor of another page, as a link of a sheet names it.
LINK = re.compile(r"\]\((?:\.\./)?([\w/-]+\.md)#([\w-]+)\)")


def proved() -> set[tuple[str, str]]:
    """Return the page and anchor of each statement that `test_statements.py` proves."""
    return {
        (row["page"], row["anchor"])
        for path in (REPOSITORY / "tests" / "statements").glob("*.toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["statements"]
    }


def entries(text: str) -> list[str]:
    """Return the list items and the rows of tables, each in one line; a heading row is none."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\|.*\|\n\|[-|]+\|$", "", text, flags=re.MULTILINE)
    return re.findall(r"^(?:\| |- ).*(?:\n {2}.*)*", text, flags=re.MULTILINE)


#: Its width and height, in points.
A4 = (595, 842)
#: How to test: entries that state nothing about the software.
ADVICE = ("| a plain function |", "| `async_client` |", "| communicators |", "testing.md#time)")


@pytest.mark.parametrize("page", [*(f"cheat-sheets/{sheet}" for sheet in SHEETS), "best-practices"])
def test_each_entry_leads_to_what_is_proved(page):
    text = (REPOSITORY / "docs/en" / f"{page}.md").read_text(encoding="utf-8")
    found = entries(text)
    assert len(found) > 15
    for entry in found:
        if not any(advice in entry for advice in ADVICE):
            assert proved().intersection(LINK.findall(entry)), entry


def test_the_links_are_the_same_in_both_languages():
    for sheet in SHEETS:
        english, russian = (
            LINK.findall(
                (REPOSITORY / f"docs/{language}/cheat-sheets/{sheet}.md").read_text("utf-8")
            )
            for language in LANGUAGES
        )
        assert english == russian


# ---- Printed


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Both sites on a port of this machine."""
    root = tmp_path_factory.mktemp("site")
    for language, configuration in LANGUAGES.items():
        build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", configuration]
        subprocess.run([*build, "-d", str(root / language)], cwd=REPOSITORY, check=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments):
            pass

    handler = functools.partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def page_boxes(pdf: bytes) -> list[tuple[int, int]]:
    """Return the width and height of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type /Page\b", pdf))
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@pytest.mark.slow
@pytest.mark.skipif(not (find_browser() and can_drive()), reason="needs Chromium and playwright")
async def test_each_sheet_is_one_page_of_a4(address):
    async with browser() as chromium:
        page = await chromium.new_page()
        for language in LANGUAGES:
            for sheet in SHEETS:
                for scheme in ("light", "dark"):
                    await page.emulate_media(color_scheme=scheme)
                    await page.goto(f"{address}/{language}/cheat-sheets/{sheet}/")
                    pdf = await page.pdf(prefer_css_page_size=True)
                    assert page_boxes(pdf) == [A4], (language, sheet, scheme)
