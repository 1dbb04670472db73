"""The console's page as a browser loads it, with the files that it names."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from echo import answers

#: What a server may call the types of what a page loads.
TYPES = {"script": ("text/javascript", "application/javascript"), "style sheet": ("text/css",)}


class Page(HTMLParser):
    """An HTML page: the ids on it, and what it loads, as pairs of a kind and an address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loads: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what this tag brings."""
        values = {name: value or "" for name, value in attributes}
        self.ids.add(values.get("id", ""))
        if tag == "script" and "src" in values:
            self.loads.append(("script", values["src"]))
        if tag == "link" and "stylesheet" in values.get("rel", "").split():
            self.loads.append(("style sheet", values.get("href", "")))


async def opens_whole(client: Client, lesson: Lesson, sentence: str | None = None) -> None:
    """Raise Mismatch unless the page is there, with its script and its style sheet.

    It is about `sentence`, else about the one that says what is missing.
    """
    with agreed(sentence or "P1"):
        answer = await answers(client, "/", 200)
        expect("Content-Type: text/html", f"Content-Type: {type_of(answer)}")
        page = Page(answer.text)
        if "path" not in page.ids:
            raise Mismatch('<input id="path">', lesson.message("not_on_the_page"))
        for kind in TYPES:
            if not any(kind == loaded for loaded, _address in page.loads):
                raise Mismatch(lesson.message(kind), lesson.message("not_on_the_page"))
    with agreed(sentence or "P2"):
        for kind, address in page.loads:
            url = urlsplit(urljoin(client.server.origin, address))
            if url.port != client.server.port:  # another server is not the project's business
                continue
            with given(address):
                asked = urlunsplit(("", "", url.path, url.query, ""))
                answer = await answers(client, asked, 200)
                if type_of(answer) not in TYPES[kind]:
                    raise Mismatch(
                        f"Content-Type: {TYPES[kind][0]}", f"Content-Type: {type_of(answer)}"
                    )


def type_of(answer: httpx.Response) -> str:
    """Return the media type of an answer, an empty text where it names none."""
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip()
