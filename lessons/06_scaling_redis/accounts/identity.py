"""From what is shown to a visitor, or to nobody."""

from .credentials import BadCredential, read_authorization
from .tickets import spend
from .tokens import digest_of, find_user
from .visitors import Visitor, is_welcome


async def identify(credential, room):
    """Return whose credential it is, if it is good for `room` now; else None."""
    if credential.kind == "token":
        return await identify_by_token(credential)
    visitor = await spend(credential.text, room)
    # Somebody may have become unwelcome since the ticket was fetched.
    return visitor if visitor and await is_welcome(visitor) else None


async def identify_by_token(credential):
    """Return whose token it is, if it is good now; else None."""
    digest = digest_of(credential.text)
    user = await find_user(digest)
    return Visitor(user, digest) if user else None


async def identify_request(request):
    """Return who sends an HTTP request, by the token, else by the session; None for a stranger."""
    authorization = request.headers.get("Authorization")
    if authorization is None:
        user = await request.auser()
        return Visitor(user) if user.is_authenticated else None
    try:
        return await identify_by_token(read_authorization(authorization))
    except BadCredential:
        return None
