"""The smallest ASGI application: `uvicorn asgi_application:application` serves it."""


# --8<-- [start:application]
async def application(scope, receive, send):
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/plain")],
        }
    )
    await send({"type": "http.response.body", "body": b"hello"})


# --8<-- [end:application]
