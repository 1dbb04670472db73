"""The project's own settings, with groups in memory where the checks can count their members."""

from django.http import JsonResponse
from django.utils.decorators import async_only_middleware

from config.settings import *

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 1_000},
    },
}
MIDDLEWARE = ["observed_settings.show_groups", *globals().get("MIDDLEWARE", [])]


@async_only_middleware
def show_groups(get_response):
    """Answer `/.groups/` with the sizes of all groups; with `?forget` they are empty from now on."""

    async def middleware(request):
        if request.path != "/.groups/":
            return await get_response(request)
        from channels.layers import get_channel_layer

        layer = get_channel_layer()
        if "forget" in request.GET:
            layer.groups.clear()
        return JsonResponse({name: len(channels) for name, channels in layer.groups.items()})

    return middleware
