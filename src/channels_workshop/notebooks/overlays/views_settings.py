"""Settings of a project that is one cell of a notebook."""

from pathlib import Path

SECRET_KEY = "for-a-notebook-only"
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "views_urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).with_name("db.sqlite3"),
    }
}
USE_TZ = True
