"""When something expires."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone


def in_seconds(seconds):
    """Return the moment in so many seconds; where the calendar ends before it, its last or first."""
    try:
        return timezone.now() + timedelta(seconds=seconds)
    except OverflowError:
        return (datetime.max if seconds > 0 else datetime.min).replace(tzinfo=UTC)
