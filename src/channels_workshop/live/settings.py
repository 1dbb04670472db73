"""Django settings of the panel itself."""

from ..stage.pages.settings import *  # noqa: F403

INSTALLED_APPS = ["channels", "channels_workshop.live", "channels_workshop.stage.microscope"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "channels_workshop.live.urls"

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}
