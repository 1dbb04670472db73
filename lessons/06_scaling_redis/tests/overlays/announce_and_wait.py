"""Announces texts in a transaction, says so, and goes on after a line on standard input.

announce_and_wait.py HOW ROOM TEXT…    HOW: committed, nested, rolled_back, raised, inner_rolled_back

Of the last three, one text is announced first, one where all is taken back that can be, and one by
itself, when that is over.
"""

import contextlib
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import transaction  # noqa: E402

from chat.announcements import announce  # noqa: E402


class Undo(Exception):
    """Takes all back."""


def wait():
    print("announced", flush=True)
    sys.stdin.readline()


def announce_all():
    for text in texts:
        announce(room, text)


def announce_two(before, lost):
    announce(room, before)
    with contextlib.suppress(Undo), transaction.atomic():
        announce(room, lost)
        if how == "inner_rolled_back":
            raise Undo


how, room, *texts = sys.argv[1:]
after = None if how in ("committed", "nested") else texts.pop()
with contextlib.suppress(Undo), transaction.atomic():
    if how == "nested":
        with transaction.atomic():
            announce_all()
    elif how == "committed":
        announce_all()
    else:
        announce_two(*texts)
    wait()
    if how == "rolled_back":
        transaction.set_rollback(True)
    elif how == "raised":
        raise Undo
if after is not None:
    announce(room, after)
