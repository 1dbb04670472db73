def read_authorization(value):
    """Return the credential in the text of an `Authorization` header, or raise BadCredential."""
    raise BadCredential  # nothing is good enough. Your turn.


def read_credential(headers, query_string):
    """Return the one credential of a handshake, None if there is none, or raise BadCredential.

    `headers` are pairs of bytes, `query_string` is bytes: as they stand in the scope.
    """
    # Nothing is read: nobody shows anything. Your turn.
