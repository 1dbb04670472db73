"""The project's own settings, with daphne's `runserver` in the place of Django's."""

from config.settings import *

# First, since the app that stands first gives a command its meaning.
INSTALLED_APPS = ["daphne", *(app for app in INSTALLED_APPS if not app.startswith("daphne"))]

# `runserver` refuses an admin whose middleware and templates are not there. This lesson does not.
SILENCED_SYSTEM_CHECKS = [
    *globals().get("SILENCED_SYSTEM_CHECKS", []),
    *(f"admin.E{number}" for number in range(401, 412)),
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"levels": {"format": "%(levelname)s: %(message)s"}},
    "handlers": {"output": {"class": "logging.StreamHandler", "formatter": "levels"}},
    "loggers": {
        # It says when it accepts, and on which port.
        "daphne.server": {"handlers": ["output"], "level": "INFO"},
        # Every request; of no interest unless it fails.
        "django.channels.server": {
            "handlers": ["output"],
            "level": "ERROR",
            "propagate": False,
        },
    },
}
