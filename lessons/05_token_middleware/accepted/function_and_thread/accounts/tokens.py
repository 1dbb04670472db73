"""Tokens: made, digested, looked up, taken back."""

import hashlib
import secrets
from datetime import timedelta

from channels.db import database_sync_to_async
from django.utils import timezone

from .models import Ticket, Token


def new_secret():
    """Return a text that nobody can guess: 256 bits, in letters that every address can hold."""
    return secrets.token_urlsafe(32)


def digest_of(secret):
    """Return what is stored of a secret. A quick hash is enough for what cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(user, seconds):
    """Give `user` a token for so many seconds, and return it: this is the only time it is seen."""
    token = new_secret()
    expires_at = timezone.now() + timedelta(seconds=seconds)
    Token.objects.create(digest=digest_of(token), user=user, expires_at=expires_at)
    return token


def revoke_tokens(user):
    """Take back all tokens that `user` has, and the tickets that were fetched with them."""
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    Ticket.objects.filter(user=user).delete()


@database_sync_to_async
def find_user(token):
    """Return whose token that is; None unless it is good."""
    try:
        stored = Token.objects.select_related("user").get(digest=digest_of(token))
    except Token.DoesNotExist:
        return None
    is_good = stored.revoked_at is None and timezone.now() < stored.expires_at
    return stored.user if is_good and stored.user.is_active else None
