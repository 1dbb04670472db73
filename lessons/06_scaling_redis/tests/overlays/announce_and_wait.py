"""Announces something in a transaction, which ends with a line on standard input."""

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402

from chat.announcements import announce  # noqa: E402

with transaction.atomic():
    announce(*sys.argv[1:])
    print("announced", flush=True)
    sys.stdin.readline()
