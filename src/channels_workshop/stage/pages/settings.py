"""Django settings to begin with: no database, no sessions, nothing but pages and WebSockets.

The settings of an app are `from …stage.pages.settings import *` and what is its own.
"""

from django.utils.crypto import get_random_string

SECRET_KEY = get_random_string(50)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

# The words of an app's pages are in its own catalogue, `locale/`; a page says its language itself.
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
USE_TZ = True

# With DEBUG off Django would mail what goes wrong; here the person at the terminal is to see it. A
# page that is not there is nothing wrong.
LOGGERS = {"django": {"handlers": ["terminal"], "propagate": False}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "raised": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        },
    },
    "handlers": {
        "terminal": {"class": "logging.StreamHandler", "filters": ["raised"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": LOGGERS,
}
