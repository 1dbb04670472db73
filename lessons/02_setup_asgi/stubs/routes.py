websocket_urlpatterns = [
    path("ws/echo/", EchoConsumer.as_asgi()),
]
