"""The almanac: a library from the days before async. It is given, and stays as it is.

Every project has one of these: a bank's SDK, a driver, a tool that somebody once wrote. It does its
work and blocks its thread meanwhile, and there is no other version of it.
"""

import json
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from . import upstream

# A proxy knows nothing of this machine's own addresses.
opener = build_opener(ProxyHandler({}))


def sunrise(city):
    """Return when the sun rises in `city`, as a text. Blocks until the upstream has answered."""
    query = urlencode({"city": city})
    with opener.open(f"{upstream.url()}/sunrise?{query}", timeout=30) as response:
        return json.load(response)["text"]
