"""A door for the checks, in front of a project: nothing of the project stands between."""

import json
from urllib.parse import parse_qs


def side_door(prefix, settings, answer):
    """Return what to put around an application. Below `prefix`, where no project has a page, it is
    `await answer(rest of the path, query)` that is said, as JSON; all else goes to the application.

    Where the project has not taken the `settings` that it was told to use, there is no such door.
    """

    def around(application):
        async def in_front(scope, receive, send):
            if scope["type"] != "http" or not scope["path"].startswith(prefix):
                await application(scope, receive, send)
                return
            from django.conf import settings as taken

            status, content = 404, None
            if settings == taken.SETTINGS_MODULE:
                query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
                status, content = 200, await answer(scope["path"].removeprefix(prefix), query)
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps(content).encode()})

        return in_front

    return around
