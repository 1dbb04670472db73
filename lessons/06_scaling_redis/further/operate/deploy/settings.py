"""Settings of the deployed chat: those of the project, and what differs from a laptop."""

import os

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, DATABASES

# --8<-- [start:settings]
DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]

# Also the origins from which a WebSocket is let in: `AllowedHostsOriginValidator` reads them here.
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")

# nginx tells by which scheme the client came, and overwrites whatever a client says of it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# With a certificate at nginx: set it, and no cookie goes over anything but https.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(os.environ.get("HTTPS"))
# --8<-- [end:settings]

# Where `manage.py collectstatic` puts what nginx serves: see nginx.conf. The chat itself serves none.
STATIC_ROOT = os.environ.get("STATIC_ROOT", BASE_DIR / "static")

# Two containers of one machine may share the file. More machines need PostgreSQL here.
DATABASES["default"]["NAME"] = os.environ["DATABASE"]
