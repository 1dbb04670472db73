"""The project's own settings, whose answers bear the name of these; files have other addresses."""

from config.settings import *


def marked(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Settings"] = __name__
        return response

    return middleware


MIDDLEWARE = ["marked_settings.marked", *globals().get("MIDDLEWARE", [])]

STATIC_URL = "/files-of-other-settings/"
