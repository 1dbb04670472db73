"""Django settings of the microscope where it stands alone: one page."""

from ..pages.settings import *  # noqa: F403

INSTALLED_APPS = ["channels", "channels_workshop.stage.microscope"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "channels_workshop.stage.microscope.urls"
