"""Somebody who has logged in, and the tickets that they, or a program with a token, may fetch."""

from dataclasses import dataclass

import httpx

from .projects import Server


@dataclass(frozen=True)
class Login:
    """What a browser keeps of a login, as the headers that it sends along."""

    cookies: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """The cookies, and Django's CSRF token beside them, which only a page of the server has."""
        return {**self.cookie, "X-CSRFToken": self.cookies["csrftoken"]}

    @property
    def cookie(self) -> dict[str, str]:
        """The cookies alone: what a browser sends of its own accord."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}


def bearer(token: str) -> dict[str, str]:
    """Return the header with which a program shows its token."""
    return {"Authorization": f"Bearer {token}"}


async def log_in(server: Server, user: str, password: str = "tea-time") -> Login:
    """Log in on the page, as a person does; all people of `demo` have the same password.

    Raises PermissionError where the password is wrong.
    """
    async with _browser(server) as browser:
        await browser.get("/login/")
        form = {"username": user, "password": password}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        answer = await browser.post("/login/", data=form)
        if answer.status_code != httpx.codes.FOUND:
            raise PermissionError(user)
        return Login(dict(browser.cookies))


async def fetch_ticket(server: Server, room: str, headers: dict[str, str]) -> str:
    """Fetch a ticket for `room`, by the headers of a login or of `bearer`.

    Raises httpx.HTTPStatusError where it is refused.
    """
    async with _browser(server) as browser:
        answer = await browser.post("/tickets/", json={"room": room}, headers=headers)
        answer.raise_for_status()
        ticket: str = answer.json()["ticket"]
        return ticket


def _browser(server: Server) -> httpx.AsyncClient:
    # A proxy knows nothing of this machine's own addresses.
    return httpx.AsyncClient(base_url=server.origin, timeout=60, trust_env=False)
