"""The page as a browser reads it: its form, and the files that it names."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch, agreed

TOKEN = "csrfmiddlewaretoken"
FIELDS = ["to", "city", "text", TOKEN]


@dataclass
class Page:
    """What of a page matters here: `forms`, each the values of its fields, and addresses of `files`."""

    forms: list[dict[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @classmethod
    async def opened(cls, visitor: Client) -> "Page":
        """Open `/`. Raises Mismatch unless there is a page with the form."""
        response = await visitor.get("/")
        kind = response.headers.get("content-type", "")
        page = cls()
        _Reader(page).feed(response.text)
        with agreed("P1"):
            if response.status_code != 200 or not kind.startswith("text/html"):
                told = f"GET /: HTTP {response.status_code} {kind}"
                raise Mismatch("GET /: HTTP 200 text/html", told)
            if page.form is None:
                raise Mismatch(f"GET /: <form> {FIELDS}", f"GET /: {[list(f) for f in page.forms]}")
        return page

    @property
    def form(self) -> dict[str, str] | None:
        """The values of the form's fields, None where there is no such form."""
        return next((form for form in self.forms if form.keys() >= set(FIELDS)), None)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        having = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._page.forms.append({})
        elif tag in ("input", "textarea", "select") and self._page.forms:
            self._page.forms[-1][having.get("name", "")] = having.get("value", "")
        elif tag == "script" and "src" in having:
            self._note(having["src"])
        elif tag == "link" and "stylesheet" in having.get("rel", "").split():
            self._note(having.get("href", ""))

    def _note(self, address: str) -> None:
        address = urljoin("/", address)
        parts = urlsplit(address)
        if not parts.scheme and not parts.netloc:  # another site's files are not ours to ask for
            self._page.files.append(address)
