"""Every topic of the source material has a home: the table in CONTRIBUTING leads to what is there."""

import re

import pytest

from channels_workshop import REPOSITORY

CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
TABLE = CONTRIBUTING.partition("## Where each topic")[2].partition("\n## ")[0]
HOMES = re.findall(r"`([\w/-]+\.md)#([\w-]+)`", TABLE)


def test_every_heading_has_a_home():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 35
    assert all(re.search(r"\| `[\w/-]+\.md#[\w-]+`", row) for row in rows)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_homes_are_there(language):
    missing = [
        f"{page}#{anchor}"
        for page, anchor in HOMES
        if f"{{ #{anchor} }}"
        not in (REPOSITORY / "docs" / language / page).read_text(encoding="utf-8")
    ]
    assert not missing
