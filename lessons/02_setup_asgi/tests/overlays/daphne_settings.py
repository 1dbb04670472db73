"""The project's own settings, with daphne's `runserver` in the place of Django's."""

from config.settings import *

# First, since the app that stands first gives a command its meaning.
INSTALLED_APPS = ["daphne", *(app for app in INSTALLED_APPS if app != "daphne")]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"output": {"class": "logging.StreamHandler"}},
    # It says when it accepts, and on which port.
    "loggers": {"daphne.server": {"handlers": ["output"], "level": "INFO"}},
}
