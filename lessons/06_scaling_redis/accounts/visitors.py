"""Visitors: who was let in, and with what."""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from .tokens import find_user


class Visitor(NamedTuple):
    """A user, and the digest of the token that let them in; None where it was a session."""

    user: AbstractBaseUser
    token: str | None = None


async def is_welcome(visitor):
    """Tell whether who was let in may still be here."""
    if visitor.token is not None:
        return await find_user(visitor.token) is not None
    return await get_user_model().objects.filter(pk=visitor.user.pk, is_active=True).aexists()
