"""The site: two languages in step, nothing from the network, no link that leads nowhere."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from channels_workshop.authoring.tables import write_tables
from channels_workshop.course.lessons import lesson_folders

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
LESSONS = REPOSITORY / "lessons"
LANGUAGES = ("en", "ru")
CONFIGURATIONS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}


def files_of(language: str, ending: str = "") -> list[str]:
    """Return the files of one language as sorted paths below its folder."""
    folder = DOCS / language
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob(f"*{ending}")
        if path.is_file() and not path.name.startswith(".")
    )


PAGES = files_of("en", ".md")
LESSON_PAGES = [page for page in PAGES if page.startswith("lessons/")]


def text_of(language: str, page: str) -> str:
    return (DOCS / language / page).read_text(encoding="utf-8")


def meta_of(language: str, page: str) -> dict:
    """Return a page's front matter."""
    _, front_matter, _ = text_of(language, page).split("---\n", 2)
    return yaml.safe_load(front_matter)


def prose_of(language: str, page: str) -> str:
    """Return a page without its front matter and without what stands in fenced code."""
    body = text_of(language, page).split("---\n", 2)[2]
    return re.sub(r"^( *)```.*?^\1```$", "", body, flags=re.DOTALL | re.MULTILINE)


# ---- The two languages are in step


def test_both_languages_have_the_same_files():
    assert files_of("en") == files_of("ru")


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_headings(page):
    headings = {}
    for language in LANGUAGES:
        lines = re.findall(r"^(#+) (.*)$", prose_of(language, page), flags=re.MULTILINE)
        for _, text in lines:
            assert re.search(r"\{ #[\w-]+ \}$", text), f"no explicit id: {text} ({language})"
        headings[language] = [(level, text[text.rindex("{") :]) for level, text in lines]
    assert headings["en"] == headings["ru"]


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_anchors(page):
    en, ru = (re.findall(r"\{ #([\w-]+)", prose_of(language, page)) for language in LANGUAGES)
    assert en == ru


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_code(page):
    en, ru = (re.findall(r'--8<-- "(.*)"', text_of(language, page)) for language in LANGUAGES)
    # The agreement stands in both languages, in two files.
    assert en == [
        name.replace("README.ru.md", "README.md").replace(".ru.md:", ".en.md:") for name in ru
    ]


@pytest.mark.parametrize("page", PAGES)
def test_the_russian_page_follows_the_english_one(page):
    english = hashlib.sha256(text_of("en", page).encode()).hexdigest()[:16]
    assert meta_of("ru", page).get("follows") == english, (
        f"docs/en/{page} has changed since docs/ru/{page} was written after it. Bring the Russian "
        f'page up to date, then put this line into its front matter:\nfollows: "{english}"'
    )


# ---- A page says what the lesson says


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_the_page_of_a_lesson_repeats_its_description(page, language):
    name = Path(page).stem
    assert meta_of(language, page)["lesson"] == name
    description = tomllib.loads((LESSONS / name / "lesson.toml").read_text(encoding="utf-8"))
    lesson = description["lesson"]
    text = " ".join(prose_of(language, page).split())

    assert f"# {lesson['title'][language]} {{ #lesson }}" in text
    assert f"**{lesson['minutes']} " in text
    for objective in lesson["objectives"][language]:
        assert objective in text
    for prerequisite in lesson["prerequisites"][language]:
        assert prerequisite in text
    for number, task in enumerate(description["tasks"], 1):
        title = rf"## \w+ {number}\. {re.escape(task['title'][language])} \{{ #{task['id']} \}}"
        assert re.search(rf"{title} \*\*{task['minutes']} ", text), f"task {task['id']}"
        included = re.findall(r'--8<-- ".*:(\w+)"', text_of(language, page))
        assert set(task["sections"]) <= set(included)


def test_tables_and_menus_list_the_lessons_as_they_are():
    assert write_tables(check=True) == [], "run: python3 workshop.py tables"


@pytest.mark.parametrize("kind", ["lessons", "symptoms", "agreements"])
def test_every_lesson_has_its_pages(kind):
    pages = [page for page in PAGES if page.startswith(f"{kind}/")]
    assert [f"{kind}/{folder.name}.md" for folder in lesson_folders()] == pages


# ---- Honest minutes

#: Words of plain text that a person reads in a minute; code beside it takes part of that minute.
READING_SPEED = 180
LONGEST_PAGE, LONGEST_TASK, LONGEST_LESSON = 2750, 15, 80  # in words, minutes, minutes


def words_of(language: str, page: str, folded: bool) -> int:
    """Return how many words a page has, what it includes too; `folded`: also what is folded away."""
    text = re.sub(
        r'^ *--8<-- "(.*)"$', lambda found: included(found[1]), prose_of(language, page), flags=re.M
    )
    if not folded:
        text = re.sub(r"^\?\?\? .*\n(?:(?: {4}.*)?\n)*", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"<!--.*?-->|!\[.*?\]\(.*?\)|\{ [#.].*?\}|\]\(.*?\)|[|#*`]", " ", text, flags=re.DOTALL
    )
    return sum(any(map(str.isalnum, word)) for word in text.split())


def included(snippet: str) -> str:
    """Return a section of a page that another page includes; nothing of code."""
    name, _, section = snippet.partition(":")
    if not name.endswith(".md"):
        return ""
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    return text.partition(f"[start:{section}]")[2].partition("<!-- --8<-- [end:")[0]


@pytest.mark.parametrize("page", LESSON_PAGES)
def test_a_lesson_takes_as_long_as_it_says(page):
    description = tomllib.loads((LESSONS / Path(page).stem / "lesson.toml").read_text("utf-8"))
    tasks = [task["minutes"] for task in description["tasks"]]
    needed = sum(tasks) + words_of("en", page, folded=False) / READING_SPEED
    announced = description["lesson"]["minutes"]
    assert abs(announced - needed) <= needed / 5, f"it takes {needed:.0f} minutes"
    assert max(tasks) <= LONGEST_TASK
    assert announced <= LONGEST_LESSON


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_a_lesson_is_not_too_long(page, language):
    assert words_of(language, page, folded=True) <= LONGEST_PAGE


@pytest.mark.parametrize("page", LESSON_PAGES)
def test_something_that_runs_is_seen_before_the_first_task(page):
    before, _, _ = text_of("en", page).partition("## Task 1")
    shown = re.findall(rf'--8<-- "lessons/{Path(page).stem}/example.py:(\w+)"', before)
    assert shown
    assert "--example" in before  # how to run it is said


# ---- The built site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Both languages, built strictly: `en/` and `ru/` below one folder, as they are served."""
    root = tmp_path_factory.mktemp("site")
    for language, configuration in CONFIGURATIONS.items():
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        command += ["-f", str(REPOSITORY / configuration), "-d", str(root / language)]
        run = subprocess.run(
            command,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        )
        assert run.returncode == 0, run.stderr
        assert "WARNING" not in run.stderr, run.stderr
    return root


def test_both_languages_build_without_a_warning(site):
    """The proof is in the fixture; here it has a name."""
    assert all((site / language / "index.html").is_file() for language in LANGUAGES)


@dataclass
class Page(HTMLParser):
    """What a built page has in it: ids, links to follow, and what the browser loads by itself."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and values.get("rel") not in ("prev", "next", "alternate", "canonical"):
            self.loaded.append(values["href"])
        for name in ("src", "poster", "data"):
            if name in values and tag != "a":
                self.loaded.append(values[name])
        if "srcset" in values:
            self.loaded += [part.split()[0] for part in values["srcset"].split(",")]


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    # 404.html has absolute addresses, which fit only where the site is at the root of a host.
    found = [path for path in site.rglob("*.html") if path.name != "404.html"]
    assert len(found) == len(PAGES) * len(LANGUAGES)
    return {path: Page(path) for path in found}


def is_remote(address: str) -> bool:
    return address.startswith(("http:", "https:", "//"))


def test_pages_load_nothing_from_the_network(pages):
    remote = [(path, x) for path, page in pages.items() for x in page.loaded if is_remote(x)]
    assert not remote


def test_styles_load_nothing_from_the_network(site):
    for path in site.rglob("*.css"):
        found = re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text("utf-8"))
        assert not found, path


# What the theme's script can fetch, and why it never does here.
KNOWN_HOSTS = {
    "unpkg.com": "mermaid and a polyfill: the first is on our pages, the second in every browser",
    "api.github.com": "stars of `repo_url`, which is not set",
    "clipboardjs.com": "a name in a licence",
}


def test_scripts_load_nothing_from_the_network(site):
    loading = re.compile(r"(?:fetch|import|importScripts|Worker)\(\s*[\"'`](?:https?:)?//")
    for path in site.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not loading.search(text), path
        if path.name.startswith("bundle."):
            assert set(re.findall(r"https?://([\w.-]+)", text)) <= KNOWN_HOSTS.keys()
    assert "repo_url" not in (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")


def test_a_page_with_a_drawing_brings_mermaid_along(pages):
    drawn = 0
    for path, page in pages.items():
        has_drawing = 'class="mermaid"' in path.read_text(encoding="utf-8")
        brings = any(address.endswith("/mermaid.min.js") for address in page.loaded)
        assert has_drawing == brings, path
        drawn += has_drawing
    assert drawn


def test_every_link_and_resource_is_there(site, pages):
    """Also between the languages, and for what the templates make, which mkdocs does not check."""
    missing = []
    for path, page in pages.items():
        for address in page.links + page.loaded:
            parts = urlsplit(address)
            if is_remote(address) or parts.scheme in ("data", "mailto"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            found = target.is_file() and target.is_relative_to(site.resolve())
            if found and parts.fragment and target.suffix == ".html":
                found = unquote(parts.fragment) in pages[target].ids
            if not found:
                missing.append(f"{path.relative_to(site)}: {address}")
    assert not missing


def test_the_language_switch_leads_to_the_same_page(site, pages):
    other = {"en": "ru", "ru": "en"}
    for path, page in pages.items():
        language, *rest = path.parent.relative_to(site).parts
        wanted = site.joinpath(other[language], *rest).resolve()
        assert wanted in {(path.parent / link).resolve() for link in page.links}, path


def test_search_knows_both_languages(site):
    for language, words in (("en", "mailbox"), ("ru", "консьюмер")):
        index = json.loads((site / language / "search" / "search_index.json").read_text("utf-8"))
        assert language in index["config"]["lang"]
        assert any(words in entry["text"] for entry in index["docs"])
    assert (site / "ru/assets/javascripts/lunr/min/lunr.ru.min.js").is_file()


# ---- Published


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_versions_stand_beside_each_other(tmp_path):
    address = "https://example.org/workshop"
    (tmp_path / "0.9" / "en").mkdir(parents=True)
    subprocess.run(
        [REPOSITORY / ".ci" / "pages", tmp_path, "1.0", f"{address}/"],
        check=True,
        env=os.environ | {"PYTHON": sys.executable},
    )
    listed = re.findall(r'<li>([\w.]+): <a href="\1/en/">', (tmp_path / "index.html").read_text())
    assert listed == ["0.9", "1.0", "latest"]
    for language in LANGUAGES:
        for version in ("1.0", "latest"):
            root = tmp_path / version / language
            html = (root / "setup" / "index.html").read_text(encoding="utf-8")
            cards = dict(re.findall(r'<meta (?:property|name)="(\w+:\w+)" content="(.*?)">', html))
            assert cards["og:title"] == meta_of(language, "setup.md").get(
                "title", cards["og:title"]
            )
            assert cards["og:description"] == meta_of(language, "setup.md")["description"]
            assert cards["og:url"] == f"{address}/latest/{language}/setup/"
            assert cards["twitter:card"] == "summary_large_image"
            picture = cards["og:image"].removeprefix(f"{address}/latest/{language}/")
            assert (root / picture).is_file()
