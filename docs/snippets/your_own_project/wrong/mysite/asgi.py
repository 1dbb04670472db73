import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

# --8<-- [start:order]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

from notes.routing import websocket_urlpatterns

django_application = get_asgi_application()
# --8<-- [end:order]

routes = URLRouter(websocket_urlpatterns)
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(routes),
    }
)
