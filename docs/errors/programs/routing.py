"""Errors between the server and the consumer: ASGI and routing."""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import include, path

from playground import asked, project, served, talk


class EchoConsumer(AsyncWebsocketConsumer):
    """Sends back what it gets."""

    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data, bytes_data)


# --8<-- [start:no-route]
async def no_route():
    router = URLRouter([path("ws/echo/", EchoConsumer.as_asgi())])
    async with served(router) as url:
        await talk(f"{url}ws/nowhere/")


# --8<-- [end:no-route]


# --8<-- [start:include-in-router]
def include_in_router():
    URLRouter([path("ws/", include([path("echo/", EchoConsumer.as_asgi())]))])


# --8<-- [end:include-in-router]


# --8<-- [start:no-websocket-key]
async def no_websocket_key():
    await asked(ProtocolTypeRouter({"websockets": EchoConsumer.as_asgi()}))


# --8<-- [end:no-websocket-key]


# --8<-- [start:no-http-key]
async def no_http_key():
    import httpx

    router = ProtocolTypeRouter({"websocket": EchoConsumer.as_asgi()})
    async with served(router) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url.replace("ws:", "http:"))
        print(f"client: HTTP {answer.status_code}")


# --8<-- [end:no-http-key]


# --8<-- [start:no-lifespan]
async def no_lifespan():
    router = ProtocolTypeRouter({"websocket": EchoConsumer.as_asgi()})
    await router({"type": "lifespan"}, None, None)  # what uvicorn asks first of all


# --8<-- [end:no-lifespan]


# --8<-- [start:django-only]
async def django_only():
    project()
    from django.core.asgi import get_asgi_application

    await asked(get_asgi_application())


# --8<-- [end:django-only]


# --8<-- [start:no-as-asgi]
async def no_as_asgi():
    await asked(URLRouter([path("", EchoConsumer)]))


# --8<-- [end:no-as-asgi]


# --8<-- [start:routes-alone]
async def routes_alone():
    routes = [path("", EchoConsumer.as_asgi())]
    await asked(ProtocolTypeRouter({"websocket": routes}))  # URLRouter(routes)


# --8<-- [end:routes-alone]


# --8<-- [start:guard-around-all]
async def guard_around_all():
    import httpx

    project()
    from channels.security.websocket import AllowedHostsOriginValidator

    guarded = AllowedHostsOriginValidator(ProtocolTypeRouter({}))
    async with served(guarded) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url.replace("ws:", "http:"))
        print(f"client: HTTP {answer.status_code}")


# --8<-- [end:guard-around-all]


# --8<-- [start:no-url-route]
async def no_url_route():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            self.room = self.scope["url_route"]["kwargs"]["room"]
            await self.accept()

    await asked(Chat.as_asgi())  # URLRouter([path("<room>/", Chat.as_asgi())])


# --8<-- [end:no-url-route]


# --8<-- [start:wsgi-application]
async def wsgi_application():
    project()
    from django.core.wsgi import get_wsgi_application

    await asked(get_wsgi_application())


# --8<-- [end:wsgi-application]


# --8<-- [start:unawaited-response]
async def unawaited_response():
    project()
    from django.http import JsonResponse

    async def answer(request):
        return JsonResponse({})

    def page(request):
        return answer(request)  # `async def` and `await` are missing

    from django.test import AsyncClient

    import playground

    playground.urlpatterns.append(path("", page))
    await AsyncClient().get("/", headers={"host": "127.0.0.1"})


# --8<-- [end:unawaited-response]


# --8<-- [start:middleware-coroutine]
async def middleware_coroutine():
    from django.http import HttpResponse

    project()

    def middleware(get_response):
        async def inner(request):
            return await get_response(request)

        return inner

    def view(request):
        return HttpResponse()

    await middleware(view)(None)


# --8<-- [end:middleware-coroutine]
