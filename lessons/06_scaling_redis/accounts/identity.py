"""From what is shown to a user, or to nobody."""

from .credentials import BadCredential, read_authorization
from .tickets import spend
from .tokens import find_user


async def identify(credential, room):
    """Return whose credential it is, if it is good for `room` now; else None."""
    if credential.kind == "token":
        return await find_user(credential.text)
    return await spend(credential.text, room)


async def identify_request(request):
    """Return who sends an HTTP request, by the token, else by the session; None for a stranger."""
    authorization = request.headers.get("Authorization")
    if authorization is None:
        user = await request.auser()
        return user if user.is_authenticated else None
    try:
        return await find_user(read_authorization(authorization).text)
    except BadCredential:
        return None
