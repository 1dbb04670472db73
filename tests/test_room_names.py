"""The names that the checks take for rooms: what is said of them holds."""

import hashlib
import random

import pytest

from channels_workshop.chat_checks.rooms import SAME_DIGEST, is_allowed, twins
from channels_workshop.judging.some import Some

SIZES = {"blake2b": {"digest_size": 6}}
CUTS = {"first": slice(12), "last": slice(-12, None), "all": slice(None)}


@pytest.mark.parametrize(("digest", "place"), SAME_DIGEST)
def test_twelve_digits_of_a_digest_are_the_same(digest, place):
    first, second = SAME_DIGEST[digest, place]
    cuts = [
        getattr(hashlib, digest)(name.encode(), **SIZES.get(digest, {})).hexdigest()[CUTS[place]]
        for name in (first, second)
    ]
    assert first != second
    assert cuts[0] == cuts[1]
    assert len(cuts[0]) == 12


def test_names_of_one_digest_are_among_the_twins():
    names = twins(Some(random.Random(3)))
    for pair in SAME_DIGEST.values():
        assert all(map(is_allowed, pair))
        assert set(pair) < set(names)
