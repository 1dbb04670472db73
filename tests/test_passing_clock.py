"""The clock that passes quickly: whichever way a project asks for the time, it is told the same."""

import subprocess
import sys

import pytest

from channels_workshop.judging.overlays import passing_clock

SETUP = """
import sys
sys.path.insert(0, {folder!r})
import passing_clock, datetime, time
import django
from django.conf import settings
settings.configure(USE_TZ=True, DATABASES={{
    "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
}}, INSTALLED_APPS=["django.contrib.contenttypes"])
passing_clock.start()
django.setup()
from django.core.management import call_command
from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Now
from django.utils import timezone
call_command("migrate", verbosity=0)
ContentType.objects.create(app_label="a", model="b")

def asked():
    return {asked}

before = asked()
passing_clock._passed += 3600
assert 3600 <= asked() - before < 3700, asked() - before
"""
TIMESTAMP_OF_NOW = "ContentType.objects.annotate(now=Now()).first().now.timestamp()"


@pytest.mark.parametrize(
    "asked",
    [
        "time.time()",
        "time.time_ns() / 10**9",
        "time.monotonic()",
        "time.monotonic_ns() / 10**9",
        "time.perf_counter()",
        "time.mktime(time.localtime())",
        "time.mktime(time.gmtime())",
        "datetime.datetime.now().timestamp()",
        "datetime.datetime.now(datetime.UTC).timestamp()",
        "datetime.datetime.today().timestamp()",
        "timezone.now().timestamp()",
        TIMESTAMP_OF_NOW,
    ],
)
def test_an_hour_has_passed_by_every_clock(asked):
    folder = passing_clock.__file__.rpartition("passing_clock")[0]
    code = SETUP.format(folder=folder, asked=asked)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
