"""For the commands: what they need of `identity`."""

from .identity import create_token, revoke_tokens

__all__ = ["create_token", "revoke_tokens"]
