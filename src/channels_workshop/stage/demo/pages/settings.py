"""Django settings of the stage: two pages and their WebSockets."""

from ...pages.settings import *  # noqa: F403

INSTALLED_APPS = ["channels", "channels_workshop.stage.demo.pages"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # turns foreign names of this machine away
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "channels_workshop.stage.demo.pages.urls"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        # A step is a burst of events, and a page on a slow phone must not miss one.
        "CONFIG": {"capacity": 10_000},
    },
}
