"""Django settings of the panel itself: no database, no sessions, nothing but pages."""

from django.utils.crypto import get_random_string

SECRET_KEY = get_random_string(50)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = ["channels", "channels_workshop.live"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "channels_workshop.live.urls"

TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}

# The words of the panel are in this app's own catalogue, `locale/`; a page says its language itself.
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
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
