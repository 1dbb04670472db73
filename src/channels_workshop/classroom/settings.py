"""Django settings of the classroom itself: no database, no sessions, nothing but pages."""

from pathlib import Path

from django.utils.crypto import get_random_string

_HERE = Path(__file__).resolve().parent

SECRET_KEY = get_random_string(50)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = ["channels"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "channels_workshop.classroom.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
    },
]

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}

USE_I18N = False
USE_TZ = True

# With DEBUG off Django would mail what goes wrong; here the person at the terminal is to see it. A
# page that is not built yet is nothing wrong.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "raised": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        },
    },
    "handlers": {"terminal": {"class": "logging.StreamHandler", "filters": ["raised"]}},
    "loggers": {"django": {"handlers": ["terminal"], "propagate": False}},
}
