"""Settings of the project: what one person needs on a laptop, nothing for production."""

import mimetypes
import os
from pathlib import Path

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "for-the-classroom-only"
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "accounts",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        # Who is going to write waits for others at once, not half-way.
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "lobby"
LOGOUT_REDIRECT_URL = "lobby"

# Seconds for which a ticket is good.
TICKET_SECONDS = int(os.environ.get("TICKET_SECONDS", "30"))

# All processes with the same Redis, and the same database, are one chat.
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
# A connection from before a restart of Redis fails when it is used next: then once more, at once.
REDIS_OPTIONS = {"retry": Retry(NoBackoff(), 1)}

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, **REDIS_OPTIONS}]},
    },
}

# Seconds. Whoever has not renewed a presence for so long is gone.
PRESENCE_SECONDS = float(os.environ.get("PRESENCE_SECONDS", "15"))

# Pages are in the language that the browser asks for; their Russian words are in `locale`.
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
# Windows may have registered another type, and a browser runs no script of another type.
mimetypes.add_type("text/javascript", ".js")
