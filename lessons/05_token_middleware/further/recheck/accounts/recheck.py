"""Open connections: whoever was let in is asked about again and again."""

import asyncio
import contextlib
import logging
import os

from django.contrib.auth import get_user_model
from django.utils import timezone

from .credentials import read_credential
from .refusal import UNAUTHORIZED, UNAUTHORIZED_FRAME
from .tokens import find_user

#: Seconds within which a connection ends, once its user is not welcome any more.
REVOKE_WITHIN = float(os.environ.get("REVOKE_WITHIN", "10"))

logger = logging.getLogger(__name__)


class WhileWelcome:
    """Ends a connection, with the words of a refusal, when its user is not welcome any more.

    It stands inside of the doorkeeper: what was shown has let in the user of the scope.
    """

    def __init__(self, app):
        self.app = app

    # --8<-- [start:watch]
    async def __call__(self, scope, receive, send):
        opened_at = timezone.now()
        credential = read_credential(scope["headers"], scope["query_string"])
        is_accepted = asyncio.Event()
        is_closed = False

        async def send_while_open(message):
            nonlocal is_closed
            if is_closed:  # the application learns of that a moment later than we do
                return
            is_closed = message["type"] == "websocket.close"
            await send(message)
            if message["type"] == "websocket.accept":
                is_accepted.set()

        async def watch():
            await is_accepted.wait()
            welcome = True
            while welcome:
                await asyncio.sleep(REVOKE_WITHIN / 2)
                welcome = await is_welcome(scope["user"], credential, opened_at)
            with contextlib.suppress(OSError):  # it has just gone by itself
                await send_while_open({"type": "websocket.send", "text": UNAUTHORIZED_FRAME})
                # The server tells the application, as it does for any other close.
                await send_while_open({"type": "websocket.close", "code": UNAUTHORIZED})

        # Begun here, and not where `accept` passes by: a synchronous consumer sends from a thread, by
        # `async_to_sync`, and a task that is begun in there asks that thread to read the database
        # for it as long as it lives. By then the thread has other work.
        watching = asyncio.create_task(watch())
        try:
            await self.app(scope, receive, send_while_open)
        finally:
            watching.cancel()

    # --8<-- [end:watch]


async def is_welcome(user, credential, opened_at):
    """Tell whether `user`, who was let in by `credential` (None: by the session), may stay."""
    try:
        if credential and credential.kind == "token":
            return await find_user(credential.text) is not None
        welcome = get_user_model().objects.filter(pk=user.pk, is_active=True)
        if credential:
            # A ticket does not say which token it was fetched with. Any that was taken back
            # since then may have been the one.
            welcome = welcome.exclude(tokens__revoked_at__gte=opened_at)
        return await welcome.aexists()
    except Exception:
        logger.exception("Whoever cannot be asked about does not stay")
        return False
