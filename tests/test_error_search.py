"""Messages as people paste them into public questions are found on the built site, right entry first."""

import asyncio
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from functools import partial
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.judging.browser import PATIENCE, browser, can_drive, find_browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (can_drive() and find_browser()), reason="a browser is missing"),
]

#: What was pasted, and the entry that is meant.
PASTED = tomllib.loads((Path(__file__).parent / "pasted_messages.toml").read_text("utf-8"))[
    "pasted"
]


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory) -> Path:
    """Both languages, built."""
    root = tmp_path_factory.mktemp("site")
    for language, configuration in (("en", "mkdocs.yml"), ("ru", "mkdocs.ru.yml")):
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q"]
        command += ["-f", REPOSITORY / configuration, "-d", root / language]
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=REPOSITORY, check=True, env=environment)
    return root


@pytest.fixture(scope="module")
def site(site_folder):
    """Both languages, served on loopback; the address."""
    with served(site_folder) as address:
        yield address


class served:
    """A folder over HTTP, on loopback."""

    def __init__(self, root: Path) -> None:
        handler = partial(Quiet, directory=root)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_exception) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves, and says nothing of it."""

    def log_message(self, *_arguments) -> None:
        pass


async def found(address: str, texts: list[str]) -> list[str]:
    """Paste each text into the site's search; return the address of each first result one sees."""
    from playwright.async_api import TimeoutError

    firsts = []
    async with browser() as chromium:
        context = await chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        for text in texts:
            await page.goto(address)
            await page.evaluate("text => navigator.clipboard.writeText(text)", text)
            await page.locator("input.md-search__input").focus()
            await page.keyboard.press("Control+V")
            first = page.locator(".md-search-result__item a").filter(visible=True).first
            try:
                await first.wait_for()
                firsts.append(re.sub(r"\?[^#]*", "", await first.get_attribute("href")))
            except TimeoutError:
                firsts.append("nothing")
    return firsts


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_pasted_message_finds_its_entry_first(site, language):
    firsts = asyncio.run(found(f"{site}/{language}/", [pasted["text"] for pasted in PASTED]))
    wrong = [
        (pasted["text"], first)
        for pasted, first in zip(PASTED, firsts, strict=True)
        if not first.endswith(f"/errors/{pasted['entry']}")
    ]
    assert not wrong


#: Forms in which the site has the word nowhere; the part before `|` is in each of its forms.
FORMS = ("рукопожат|иями", "билет|ами", "подпротокол|ах")


def test_a_russian_word_is_found_in_any_form(site_folder, site):
    index = json.loads((site_folder / "ru/search/search_index.json").read_text("utf-8"))
    text = " ".join(entry["text"] for entry in index["docs"]).lower()
    words = [form.replace("|", "") for form in FORMS]
    for form, word in zip(FORMS, words, strict=True):
        assert word not in text
        assert form.partition("|")[0] in text
    assert "nothing" not in asyncio.run(found(f"{site}/ru/", words))
