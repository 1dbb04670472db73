"""The built site in a real browser: everybody can read each page, it is light, still and alone.

Both languages are built once and served on loopback, as a host for static files would. Each page is
opened once: light, then dark.
"""

import asyncio
import gzip
import http.server
import os
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.judging.browser import browser, can_drive, find_browser

pytestmark = [
    pytest.mark.on_demand,
    pytest.mark.skipif(
        not (can_drive() and find_browser() and find_spec("axe_playwright_python")),
        reason="a browser is missing, or axe",
    ),
]

CONFIGURATIONS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
#: In the dark the page is the same one: only its colours are new.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
HEAVIEST = 400_000  # bytes of a first load, as they are transferred
UNSTILL = 0.02  # cumulative layout shift; 0.1 is called good
TABS = 3  # pages open at a time
SECONDS = 120  # that one page may take on a machine that is busy

#: Adds up layout shifts from the first moment on; images and fonts that come late are seen, too.
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""

#: A colour on its way from one to the other is none, and a link that is half scrolled away is not small.
AT_REST = """
*, ::before, ::after { transition: none !important; }
.md-sidebar, .md-sidebar__scrollwrap { height: auto !important; overflow: visible !important; }
"""


@dataclass
class Visit:
    """What was seen of one page."""

    weight: int = 0
    shifted: float = 0.0
    strangers: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


class Host(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as hosts do: text is compressed. Of what is asked it says nothing."""

    TEXT = (".html", ".css", ".js", ".json", ".svg")

    def end_headers(self) -> None:
        if self.path.partition("?")[0].endswith((*self.TEXT, "/")):
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()

    def send_head(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in self.TEXT or not path.is_file():
            return super().send_head()
        body = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture(scope="module")
def visits(tmp_path_factory) -> dict[str, Visit]:
    """What each page is like, by its address below the site."""
    root = tmp_path_factory.mktemp("site")
    for language, configuration in CONFIGURATIONS.items():
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q"]
        command += ["-f", REPOSITORY / configuration, "-d", root / language]
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=REPOSITORY, check=True, env=environment)
    pages = sorted(
        f"{path.parent.relative_to(root).as_posix()}/" for path in root.rglob("index.html")
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=root))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        return asyncio.run(visit_all(f"http://127.0.0.1:{server.server_port}", pages))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def visit_all(origin: str, pages: list[str]) -> dict[str, Visit]:
    """Open each page, a few at a time."""
    visits = defaultdict(Visit)
    waiting = iter(pages)

    async with browser() as chromium:

        async def one_tab() -> None:
            context = await chromium.new_context(viewport={"width": 1280, "height": 800})
            await context.add_init_script(WATCH_SHIFTS)
            tab = await context.new_page()
            tab.set_default_timeout(SECONDS * 1000)
            for page in waiting:
                visits[page] = await visit(tab, origin, page)

        await asyncio.gather(*[one_tab() for _ in range(TABS)])
    return visits


async def visit(tab, origin: str, page: str) -> Visit:
    """Open a page as somebody does who comes for the first time, and look at it in both schemes."""
    from axe_playwright_python.base import AXE_SCRIPT

    seen = Visit()
    addresses: dict[str, str] = {}

    def note(event: dict) -> None:
        address = addresses[event["requestId"]] = event["request"]["url"]
        if not address.startswith((origin, "data:", "blob:")):
            seen.strangers.append(address)

    def weigh(event: dict) -> None:
        if not addresses.get(event["requestId"], "").endswith("/mermaid.min.js"):
            seen.weight += int(event["encodedDataLength"])

    network = await tab.context.new_cdp_session(tab)
    network.on("Network.requestWillBeSent", note)
    network.on("Network.loadingFinished", weigh)
    await network.send("Network.enable")
    await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await tab.emulate_media(color_scheme="light")
    await tab.goto(f"{origin}/{page}", wait_until="networkidle")
    seen.shifted = await tab.evaluate("window.shifted")
    await network.detach()

    await tab.evaluate(AXE_SCRIPT)
    await tab.add_style_tag(content=AT_REST)
    await tab.evaluate("document.querySelectorAll('details').forEach(x => { x.open = true })")
    for scheme, options in (("default", WCAG_AA), ("slate", COLOURS)):
        await tab.emulate_media(color_scheme="light" if scheme == "default" else "dark")
        await tab.wait_for_selector(f"body[data-md-color-scheme={scheme}]")
        found = await tab.evaluate("options => axe.run(document, options)", options)
        seen.violations += [
            f"{scheme} {violation['id']} {node['target']}: {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
    return seen


def test_each_page_is_wcag_aa(visits):
    found = {page: seen.violations for page, seen in visits.items() if seen.violations}
    assert not found, "\n".join(
        f"{page}: {text}" for page, texts in found.items() for text in texts
    )


def test_a_first_load_is_light(visits):
    assert not {page: seen.weight for page, seen in visits.items() if seen.weight > HEAVIEST}
    assert all(seen.weight for seen in visits.values())


def test_nothing_moves_while_a_page_loads(visits):
    assert not {page: seen.shifted for page, seen in visits.items() if seen.shifted > UNSTILL}


def test_no_request_leaves_the_site(visits):
    assert not {page: seen.strangers for page, seen in visits.items() if seen.strangers}
