"""The project's own settings; daphne says in its log when it accepts, and on which port."""

from config.settings import *

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"output": {"class": "logging.StreamHandler"}},
    "loggers": {"daphne.server": {"handlers": ["output"], "level": "INFO"}},
}
