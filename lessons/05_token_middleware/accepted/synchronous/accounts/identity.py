"""From what is shown to a user, or to nobody: all of it synchronous."""

from .credentials import BadCredential, read_authorization
from .tickets import spend
from .tokens import find_user


def identify(credential, room):
    """Return whose credential it is, if it is good for `room` now; else None."""
    return (
        find_user(credential.text) if credential.kind == "token" else spend(credential.text, room)
    )


def identify_request(request):
    """Return who sends an HTTP request, by the token, else by the session; None for a stranger."""
    if "Authorization" not in request.headers:
        return request.user if request.user.is_authenticated else None
    try:
        return find_user(read_authorization(request.headers["Authorization"]).text)
    except BadCredential:
        return None
