"""Django settings of the board: a ledger of its own instead of a database, few pages."""

from ..pages import settings as usual
from ..pages.settings import *  # noqa: F403

INSTALLED_APPS = ["channels", "channels_workshop.stage.board"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # turns foreign names of this machine away
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "channels_workshop.stage.board.urls"

#: With several workers, one over Redis takes its place.
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1_000}},
}

# What strangers try is refused, and no news: they would fill the terminal.
LOGGING = usual.LOGGING | {
    "loggers": {**usual.LOGGERS, "django.security": {"handlers": ["nowhere"], "propagate": False}}
}
