"""Tokens: made, digested, looked up, taken back."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from .models import Token
from .moments import in_seconds


def new_secret():
    """Return a text that nobody can guess: 256 bits, in letters that every address can hold."""
    return secrets.token_urlsafe(32)


def digest_of(secret):
    """Return what is stored of a secret. A quick hash is enough for what cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(user, seconds):
    """Give `user` a token for so many seconds, and return it: this is the only time it is seen."""
    token = new_secret()
    digest = digest_of(token)
    Token.objects.create(digest=digest, user=user, expires_at=in_seconds(seconds))
    return token


def revoke_tokens(user):
    """Take back all tokens that `user` has, and the tickets that were fetched with them."""
    with transaction.atomic():
        user.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
        user.tickets.all().delete()


# --8<-- [start:look_up]
async def find_user(token):
    """Return whose token that is; None unless it is good."""
    good = Token.objects.filter(
        digest=digest_of(token),
        expires_at__gt=timezone.now(),
        revoked_at=None,
        user__is_active=True,
    )
    # With its user, in one query: fetched only when asked for, it would be a query in the loop.
    found = await good.select_related("user").afirst()
    return found.user if found else None


# --8<-- [end:look_up]
