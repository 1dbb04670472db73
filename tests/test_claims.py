"""The ledger of claims: each verdict is shown by a statement's test that exists, or by a source."""

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.statements import load_claims, load_statements

CLAIMS = [claim for topic in load_claims() for claim in topic.claims]
PROOFS = {each.proof for module in load_statements().values() for each in module}


def test_there_are_enough_and_each_stands_once():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS) >= 40
    assert {claim.verdict for claim in CLAIMS} == {"true", "half", "no-longer", "false"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_what_shows_it_is_there(claim):
    """That the statement holds is tested by `test_statements.py`, or by the test that it names."""
    assert claim.shown
    assert all(each in PROOFS or each.startswith("https://") for each in claim.shown)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_it_stands_on_both_pages(claim):
    for language in ("en", "ru"):
        text = (REPOSITORY / "docs" / language / "checked.md").read_text(encoding="utf-8")
        assert f"{claim.says.spoken(language)} {{ #{claim.id} }}" in text
        assert claim.why.spoken(language) in text
