"""Entry point of the server: HTTP goes to Django."""

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# `runserver` serves static files by itself, uvicorn does not: the handler does, for development.
application = ASGIStaticFilesHandler(get_asgi_application())
