"""Tokens and tickets, and whose they are. A ticket is the signed number of a row: what is in the
database is no ticket, and whoever shows one need not be looked for.
"""

import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils import timezone

from .models import Ticket, Token

_signer = signing.Signer(sep="|", salt="a ticket")


def digest(secret):
    return hmac.digest(settings.SECRET_KEY.encode(), secret.encode(), "sha512").hex()


def create_token(user, seconds):
    token = secrets.token_hex(24)
    expires_at = timezone.now() + timedelta(seconds=seconds)
    Token.objects.create(key=digest(token), user=user, expires_at=expires_at)
    return token


def revoke_tokens(user):
    """Take back all tokens that `user` has; tickets know of it by the row that they hang on."""
    Token.objects.filter(user=user).delete()


async def owner_of_token(text):
    """Return whose token that is, None unless it is good."""
    token = await find_token(text)
    return token.user if token else None


async def find_token(text):
    good = Token.objects.filter(expires_at__gt=timezone.now(), user__is_active=True)
    return await good.select_related("user").filter(key=digest(text)).afirst()


async def create_ticket(user, token, room):
    ticket = await Ticket.objects.acreate(
        user=user,
        token=token,
        room=room,
        expires_at=timezone.now() + timedelta(seconds=settings.TICKET_SECONDS),
    )
    return _signer.sign(str(ticket.pk))


async def owner_of_ticket(text, room):
    """Return whose ticket for `room` that is, None unless it is good, and spend it."""
    try:
        number = int(_signer.unsign(text))
    except (signing.BadSignature, ValueError):
        return None
    ticket = await Ticket.objects.select_related("user").filter(pk=number).afirst()
    if ticket is None or (await Ticket.objects.filter(pk=number).adelete())[0] == 0:
        return None
    is_good = ticket.room == room and timezone.now() < ticket.expires_at
    return ticket.user if is_good and ticket.user.is_active else None


async def identify_request(request):
    """Return who sends an HTTP request, and by which token, if by one; None for a stranger."""
    from .doorkeeper import Bad, secret_of_header

    if "Authorization" not in request.headers:
        user = await request.auser()
        return (user, None) if user.is_authenticated else None
    try:
        token = await find_token(secret_of_header(request.headers["Authorization"].encode()))
    except Bad:
        return None
    return (token.user, token) if token else None
