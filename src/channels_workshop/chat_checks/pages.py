"""The pages of the chat as a browser reads them: elements, texts, and what they load."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..judging.client import Client
from ..judging.mismatch import Mismatch, given
from ..judging.timeline import shortened
from ..language import message

if TYPE_CHECKING:
    import httpx

#: What a style sheet loads: a picture or a font, or another one.
_IN_STYLES = re.compile(r"""(?:url\(|@import\s+(?=["']))\s*("[^"]*"|'[^']*'|[^)"']*)""")
#: How a script writes a character of a text.
_ESCAPES = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)")
#: One that is not closed goes on to the end.
_COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
#: What an element loads, by its tag: the attribute with the address.
_LOADS = {"script": "src", "img": "src", "source": "src", "link": "href"}
_RELATIONS = {"stylesheet", "icon", "shortcut icon", "modulepreload", "preload", "manifest"}
#: Characters times tags: the parser of the library may look at all of a page again for each tag.
_READABLE = 2 * 10**8
#: Their contents are no text that anybody reads.
_UNREAD = {"script", "style", "title", "template"}
_NO_FIELD = {"hidden", "submit", "button", "reset", "image", "checkbox", "radio", "file"}


class Page(HTMLParser):
    """A page: its `elements`, each a tag with its attributes, and its `texts`, by their element."""

    def __init__(self, path: str, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.elements: list[tuple[str, Mapping[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._within = [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._within.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._within[-1], data))

    @property
    def words(self) -> str:
        """What there is to read."""
        return " ".join(text for tag, text in self.texts if tag not in _UNREAD).strip()

    @property
    def has_form(self) -> bool:
        """Whether there is a form with a field to write into."""
        tags = [tag for tag, _attributes in self.elements]
        fields = [
            tag in ("textarea", "select") or attributes.get("type", "text").lower() not in _NO_FIELD
            for tag, attributes in self.elements
            if tag in ("input", "textarea", "select")
        ]
        return "form" in tags and any(fields)

    def holds(self, text: str) -> bool:
        """Tell whether that stands in the page: as text, in an attribute, or in a text of a script."""
        scripts = (_unescaped(read) for tag, read in self.texts if tag == "script")
        if any(text in read for _tag, read in self.texts) or any(text in read for read in scripts):
            return True
        return any(text in value for _tag, them in self.elements for value in them.values())

    def has_class(self, name: str) -> bool:
        """Tell whether an element is of that class."""
        return any(name in them.get("class", "").split() for _tag, them in self.elements)

    def loads(self) -> Iterator[str]:
        """Yield the paths on this server that the page loads something from."""
        for tag, attributes in self.elements:
            address = attributes.get(_LOADS.get(tag, ""), "")
            is_loaded = tag != "link" or attributes.get("rel", "").lower() in _RELATIONS
            if not address or not is_loaded:
                continue
            if here := _on_this_server(self.path, address):
                yield here


def _unescaped(script: str) -> str:
    """Return what a script says, with what its texts escape, in the way of JSON and JavaScript."""
    return (
        _ESCAPES.sub(lambda found: _character(found[0]), script)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def _character(escape: str) -> str:
    if len(escape) > 2:
        return chr(int(escape[2:], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(escape[1], escape[1])


async def read_page(browser: Client, path: str, status: int = 200) -> Page:
    """Return the page at `path`. Raises Mismatch unless it is HTML with that status."""
    response = await browser.get(path)
    expected = _answer(path, status, "text/html")
    kind = response.headers.get("content-type", "").split(";")[0].strip()
    if response.status_code != status or kind != "text/html":
        actual = _answer(path, response.status_code, kind or "—")
        where = response.headers.get("location")
        raise Mismatch(expected, f"{actual} → {shortened(where, 60)}" if where else actual)
    html = _decoded(response)
    if len(html) * html.count("<") > _READABLE:
        raise Mismatch(expected, f"{_answer(path, status, kind)}, {len(html):,} B")
    return Page(path, html)


def _decoded(response: "httpx.Response") -> str:
    return response.content.decode("utf-8", errors="replace")


def _answer(path: str, status: int, kind: str) -> str:
    return f"GET {shortened(path, 60)}: HTTP {status}, {kind}"


async def has_lobby(browser: Client) -> None:
    """P1. Raises Mismatch."""
    page = await read_page(browser, "/")
    if not page.has_form:
        raise Mismatch(
            message("the page has a form with a field"), message("it has none: {path}", path="/")
        )


async def shows_room(browser: Client, path: str, room: str) -> None:
    """P2: the page at `path` holds the name of its room. Raises Mismatch."""
    with given(room):
        page = await read_page(browser, path)
        if not page.holds(room):
            raise Mismatch(
                message("the page holds the name of its room"),
                message("it is not there: {words}", words=shortened(page.words, 120)),
            )


async def says_what_is_allowed(browser: Client, path: str, room: str) -> None:
    """P3: the page at `path` refuses the name of its room in words. Raises Mismatch."""
    with given(room):
        page = await read_page(browser, path, 400)
        if not page.words:
            raise Mismatch(message("the page says what is allowed"), message("it is empty"))


async def loads_all(browser: Client, *pages: Page) -> None:
    """P4: whatever the pages load from this server is there, their style sheets' pictures too.

    Raises Mismatch.
    """
    paths = list(dict.fromkeys(path for page in pages for path in page.loads()))
    for path in paths:
        response = await browser.get(path)
        if response.status_code != 200:
            raise Mismatch(
                f"GET {shortened(path)}: HTTP 200",
                f"GET {shortened(path)}: HTTP {response.status_code}",
            )
        if response.headers.get("content-type", "").startswith("text/css"):
            more = dict.fromkeys(_loaded_by_styles(path, _decoded(response)))
            paths += [address for address in more if address not in paths]


def _loaded_by_styles(path: str, styles: str) -> Iterator[str]:
    """Yield the paths on this server that the style sheet at `path` loads something from."""
    for address in _IN_STYLES.findall(_COMMENTS.sub("", styles)):
        if here := _on_this_server(path, address.strip(" \"'")):
            yield here


def _on_this_server(path: str, address: str) -> str:
    """Return the path of an address that stands in a page or file at `path`; empty if elsewhere."""
    parts = urlsplit(urljoin(f"http://here{path}", address))
    if parts.scheme != "http" or parts.netloc != "here":
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
