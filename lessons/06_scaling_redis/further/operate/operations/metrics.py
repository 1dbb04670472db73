"""What this process counts for Prometheus, beside what `prometheus_client` counts by itself."""

from prometheus_client import Counter, Gauge

CONNECTIONS = Gauge("chat_connections", "WebSockets that are open now.")
JOINS = Counter("chat_joins", "WebSockets that were accepted, those that were refused then too.")
MESSAGES = Counter("chat_messages", "Frames that clients have sent.")
DROPS = Counter("chat_drops", "WebSockets that broke off, or ended in an exception.")

#: What a client is said to have closed with when it sent no code: its connection broke off, mostly.
#: uvicorn says 1005 of a lost TCP connection; 1006, before a handshake is complete.
NO_CODE = {1005, 1006}


class Counted:
    """Counts what happens on the WebSockets that pass through to `app`."""

    def __init__(self, app):
        self.app = app

    # --8<-- [start:count]
    async def __call__(self, scope, receive, send):
        accepted = dropped = False

        async def count_received():
            nonlocal dropped
            message = await receive()
            if message["type"] == "websocket.receive":
                MESSAGES.inc()
            elif message["type"] == "websocket.disconnect":
                dropped = message.get("code") in NO_CODE
            return message

        async def count_sent(message):
            nonlocal accepted
            await send(message)
            if message["type"] == "websocket.accept":
                accepted = True
                JOINS.inc()
                CONNECTIONS.inc()

        try:
            await self.app(scope, count_received, count_sent)
        except BaseException:
            dropped = True
            raise
        finally:
            if accepted:
                CONNECTIONS.dec()
                if dropped:
                    DROPS.inc()

    # --8<-- [end:count]
