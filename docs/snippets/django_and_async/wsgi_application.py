"""The smallest WSGI application."""


# --8<-- [start:application]
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


# --8<-- [end:application]
