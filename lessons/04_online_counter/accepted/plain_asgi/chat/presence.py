"""Who is in which group: a Counter of people for each, and a context manager to be one of them."""

from collections import Counter, defaultdict
from contextlib import contextmanager

_people = defaultdict(Counter)


@contextmanager
def present(group, person):
    """Be one more tab of `person` in the group, as long as the block lasts."""
    people = _people[group]
    people[person] += 1
    try:
        yield
    finally:
        people[person] -= 1
        if not people[person]:
            del people[person]
        if not people and _people.get(group) is people:
            del _people[group]


def online(group):
    """Return how many people are in the group, and in how many tabs."""
    people = _people.get(group, Counter())
    return len(people), people.total()
