"""Entry point of the server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

# Below, since it imports the consumers, and they may import models.
from .protocols import protocols

application = protocols(django_application)
