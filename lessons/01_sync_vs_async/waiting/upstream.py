"""The upstream: a slow service that this project asks, with a function for each way of waiting."""

import os
import threading

import anyio
import httpx

from . import slow_server

# Reading the certificates takes longer than many a request, so it is done once.
TLS = httpx.create_ssl_context()

# RecursionError: what is meant to be JSON is nested too deeply to be read.
FAILURES = (httpx.HTTPError, ValueError, RecursionError)


class UpstreamError(Exception):
    """The upstream refused, broke off, was not there, or did not speak JSON."""


def fetch(topic, city):
    """Return what the upstream says of `topic` in `city`. Blocks the thread until it has answered.

    Returns its JSON object, such as {"text": "…"}; raises UpstreamError.
    """
    try:
        with httpx.Client(**options()) as client:
            response = client.get(f"/{topic}", params={"city": city})
        return response.raise_for_status().json()
    except FAILURES as error:
        raise UpstreamError(f"There is no {topic} for {city}.") from error


async def afetch(topic, city):
    """Return the same as `fetch`. While the upstream is silent, the event loop serves others."""
    try:
        async with httpx.AsyncClient(**options()) as client:
            response = await client.get(f"/{topic}", params={"city": city})
        return response.raise_for_status().json()
    except FAILURES as error:
        raise UpstreamError(f"There is no {topic} for {city}.") from error


def load():
    """Load what httpx would load with its first awaited call, and keep the event loop for that."""
    httpx.AsyncHTTPTransport(verify=TLS)
    # In a thread: uvicorn imports the project in a loop that runs already.
    thread = threading.Thread(target=anyio.run, args=(anyio.sleep, 0))
    thread.start()
    thread.join()


def options():
    # A proxy knows nothing of this machine's own addresses: so trust_env=False.
    return {"base_url": url(), "timeout": 30, "verify": TLS, "trust_env": False}


def url():
    """Return where the upstream is: UPSTREAM_URL, else the server that comes with the project."""
    return os.environ.get("UPSTREAM_URL") or slow_server.url()
