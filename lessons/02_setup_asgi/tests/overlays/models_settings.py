"""The project's own settings, and one more app: it has a model."""

from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.contenttypes"]
