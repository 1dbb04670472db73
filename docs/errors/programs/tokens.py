"""Errors of tokens, cookies, sessions and users."""

from channels.generic.websocket import AsyncWebsocketConsumer

from playground import asked, cities, project

AUTH = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]


# --8<-- [start:query-string]
def query_string():
    scope = {"query_string": b"token=abc"}
    print(dict(scope["query_string"]))  # dict(parse_qsl(scope["query_string"].decode()))


# --8<-- [end:query-string]


# --8<-- [start:second-word]
def second_word():
    header = "abc"  # no "Bearer" before it
    print(header.split()[1])


# --8<-- [end:second-word]


# --8<-- [start:not-utf-8]
def not_utf_8():
    print(b"Bearer \xff".decode())


# --8<-- [end:not-utf-8]


# --8<-- [start:bytes-and-text]
def bytes_and_text():
    print(b"Bearer abc".startswith("Bearer"))


# --8<-- [end:bytes-and-text]


# --8<-- [start:no-session]
async def no_session():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            print(self.scope["session"])

    await asked(Chat.as_asgi())  # AuthMiddlewareStack(Chat.as_asgi())


# --8<-- [end:no-session]


# --8<-- [start:no-user]
async def no_user():
    project()

    class Chat(AsyncWebsocketConsumer):
        async def connect(self):
            print(self.scope["user"])

    await asked(Chat.as_asgi())  # AuthMiddlewareStack(Chat.as_asgi())


# --8<-- [end:no-user]


# --8<-- [start:auth-without-session]
async def auth_without_session():
    project()
    from channels.auth import AuthMiddleware

    await asked(AuthMiddleware(AsyncWebsocketConsumer.as_asgi()))


# --8<-- [end:auth-without-session]


# --8<-- [start:session-without-cookies]
async def session_without_cookies():
    project(INSTALLED_APPS=AUTH)
    from channels.sessions import SessionMiddleware

    await asked(SessionMiddleware(AsyncWebsocketConsumer.as_asgi()))


# --8<-- [end:session-without-cookies]


# --8<-- [start:no-such-field]
def no_such_field():
    project()
    from django.contrib.auth.models import User

    User.objects.filter(auth_token="abc")


# --8<-- [end:no-such-field]


# --8<-- [start:anonymous-assigned]
def anonymous_assigned():
    project(INSTALLED_APPS=[*AUTH, "django.contrib.admin"])
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth.models import AnonymousUser

    LogEntry(user=AnonymousUser())


# --8<-- [end:anonymous-assigned]


# --8<-- [start:signature]
def signature():
    project()
    from django.core.signing import loads

    loads("tampered:1abcde:with")


# --8<-- [end:signature]


# --8<-- [start:signature-expired]
def signature_expired():
    project()
    from django.core.signing import dumps, loads

    loads(dumps("ann"), max_age=-1)


# --8<-- [end:signature-expired]


# --8<-- [start:csrf-origin]
def csrf_origin():
    project(MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"])
    from django.http import HttpResponse
    from django.test import Client
    from django.urls import path

    import playground

    playground.urlpatterns.append(path("", lambda request: HttpResponse()))
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/", headers={"host": "127.0.0.1", "origin": "https://chat.example"})
    print(f"client: HTTP {answer.status_code}")


# --8<-- [end:csrf-origin]


# --8<-- [start:csrf-cookie]
def csrf_cookie():
    project(MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"])
    from django.http import HttpResponse
    from django.test import Client
    from django.urls import path

    import playground

    playground.urlpatterns.append(path("", lambda request: HttpResponse()))
    answer = Client(enforce_csrf_checks=True).post("/", headers={"host": "127.0.0.1"})
    print(f"client: HTTP {answer.status_code}")


# --8<-- [end:csrf-cookie]


# --8<-- [start:foreign-key-lazily]
def foreign_key_lazily():
    import asyncio

    City = cities()
    from django.db import connection, models

    class Card(models.Model):
        city = models.ForeignKey(City, models.CASCADE)

        class Meta:
            app_label = "waiting"

    with connection.schema_editor() as editor:
        editor.create_model(Card)
    Card.objects.create(city=City.objects.create(name="Atlantis"))

    async def view():
        card = await Card.objects.aget()
        return card.city.name  # aget() of select_related("city")

    asyncio.run(view())


# --8<-- [end:foreign-key-lazily]
