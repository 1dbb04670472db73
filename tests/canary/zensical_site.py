"""Builds both sites with Zensical as well, and compares them with those of MkDocs, page by page.

    python tests/canary/zensical_site.py PROGRAM

PROGRAM is a `zensical`, in an environment of its own. mkdocs-material is nearing the end of its life;
Zensical, by the same people, reads the same sources. Prints what differs in headings, links and words of
the pages, and which pages one has and the other has not. Ends with 0 where nothing differs.
"""

import os
import posixpath
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from difflib import unified_diff
from html.parser import HTMLParser
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIGURATIONS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
#: Of a page all that was written for it stands in there; what is around it is the theme's.
ARTICLE = "md-content__inner"
VOID = ("br", "hr", "img", "input", "link", "meta", "source", "wbr", "col", "path")
SHOWN = 8  # lines of a difference


class Article(HTMLParser):
    """What a page says: its headings by level and id, where its links lead, and its words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.links: list[str] = []
        self._text = ""
        self._depth = 0
        self._silent = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if not self._depth:
            self._depth = ARTICLE in (values.get("class") or "").split()
            return
        if tag not in VOID:
            self._depth += 1
        self._silent += tag in ("script", "style")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(f"{tag} #{values.get('id')}")
        if tag == "a" and "href" in values:
            self.links.append(posixpath.normpath(values["href"]))

    def handle_endtag(self, tag):
        if self._depth and tag not in VOID:
            self._depth -= 1
            self._silent -= tag in ("script", "style")

    def handle_data(self, data):
        if self._depth and not self._silent:
            self._text += data

    @property
    def words(self) -> list[str]:
        """What one reads, without the markup in it."""
        return self._text.split()


def build(zensical: str, root: Path) -> None:
    """Build both languages with both programs, below `mkdocs` and `zensical` in that folder."""
    # Zensical builds where the configuration says, so it is given a copy of the sources.
    copy = root / "sources"
    for name in ("docs", "lessons", "notebooks", "tests", "src", "bench", "deploy"):
        shutil.copytree(REPOSITORY / name, copy / name)
    for path in (*REPOSITORY.glob("*.yml"), *REPOSITORY.glob("*.md"), REPOSITORY / "workshop.py"):
        shutil.copy(path, copy)
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    for language, configuration in CONFIGURATIONS.items():
        command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", configuration]
        command += ["-d", root / "mkdocs" / language]
        subprocess.run(command, cwd=copy, env=environment, check=True)
        command = [zensical, "build", "--clean", "--strict", "-f", configuration]
        subprocess.run(command, cwd=copy, check=True)
    shutil.move(copy / "site", root / "zensical")


def differences(old: Path, new: Path) -> Counter[str]:
    """Print in what the pages of two sites differ; return how many do, by what it is."""
    counted: Counter[str] = Counter()
    pages = {root: {path.relative_to(root) for path in root.rglob("*.html")} for root in (old, new)}
    for missing in sorted(pages[old] ^ pages[new]):
        counted["pages"] += 1
        print(f"{missing}: only {'MkDocs' if missing in pages[old] else 'Zensical'} makes it")
    for page in sorted(pages[old] & pages[new]):
        before, after = Article(old / page), Article(new / page)
        counted["compared"] += 1
        for kind in ("headings", "links", "words"):
            lines = list(
                unified_diff(getattr(before, kind), getattr(after, kind), n=0, lineterm="")
            )
            if lines:
                counted[kind] += 1
                shown = [line for line in lines[2:] if not line.startswith("@@")]
                print(f"{page}: {kind}", *shown[:SHOWN], sep="\n    ")
    return counted


def main(zensical: str) -> int:
    """Build, compare, tell."""
    with tempfile.TemporaryDirectory() as folder:
        build(zensical, Path(folder))
        counted = differences(Path(folder) / "mkdocs", Path(folder) / "zensical")
    print(dict(counted))
    return int(any(counted[kind] for kind in ("pages", "headings", "links", "words")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
