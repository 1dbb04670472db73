"""A hand-in, opened: its files by one interface, whatever they are kept in."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from .archives import open_archive
from .entries import Source
from .folders import Folder
from .layout import HandIn
from .repositories import Repository, repository_in


@contextmanager
def opened(hand_in: HandIn) -> Iterator[Source]:
    """Give the source of a hand-in's files, closed with the context. Raises Unreadable."""
    with closing(_open(hand_in)) as source:
        yield source


def _open(hand_in: HandIn) -> Source:
    if not hand_in.path.is_dir():
        return open_archive(hand_in.path)
    if repository := repository_in(hand_in.path):
        return Repository(repository, hand_in.commit or "HEAD")
    return Folder(hand_in.path, hand_in.apart)
