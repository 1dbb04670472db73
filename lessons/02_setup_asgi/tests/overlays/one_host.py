"""The project's own settings, by which this machine has one name only."""

from config.settings import *

ALLOWED_HOSTS = ["127.0.0.1"]
