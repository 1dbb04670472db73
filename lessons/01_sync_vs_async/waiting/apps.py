import logging

from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "waiting"

    def ready(self):
        from . import upstream

        upstream.load()
        # Four heartbeats a second would bury every other line of the server's log.
        for name in ("django.server", "uvicorn.access"):
            logging.getLogger(name).addFilter(lambda record: "/ping/" not in record.getMessage())
