"""Errors of the ORM, and of async code in general."""

import asyncio
from functools import partial

from asgiref.sync import sync_to_async

from playground import cities, project


# --8<-- [start:sync-only]
def sync_only():
    City = cities()

    async def view():
        return City.objects.count()

    asyncio.run(view())


# --8<-- [end:sync-only]


# --8<-- [start:values-list-aiterator]
def values_list_aiterator():
    City = cities()

    async def view():
        return [row async for row in City.objects.values_list("id", "name").aiterator()]

    asyncio.run(view())


# --8<-- [end:values-list-aiterator]


# --8<-- [start:no-atomic]
def no_atomic():
    project()
    from django.db import transaction

    async def view():
        async with transaction.atomic():
            pass

    asyncio.run(view())


# --8<-- [end:no-atomic]


# --8<-- [start:asyncio-run]
async def asyncio_run():
    async def answer():
        return 42

    asyncio.run(answer())


# --8<-- [end:asyncio-run]


# --8<-- [start:not-awaitable]
async def not_awaitable():
    def fetch():
        return {"city": "Atlantis"}

    await fetch()


# --8<-- [end:not-awaitable]


# --8<-- [start:queryset-awaited]
def queryset_awaited():
    City = cities()

    async def view():
        return await City.objects.filter(name="Atlantis")

    asyncio.run(view())


# --8<-- [end:queryset-awaited]


# --8<-- [start:sync-to-async-awaited]
async def sync_to_async_awaited():
    await sync_to_async(len)  # sync_to_async(len)("…")


# --8<-- [end:sync-to-async-awaited]


# --8<-- [start:non-dict]
async def non_dict():
    project()
    from django.http import JsonResponse

    async def fetch():
        return {}

    JsonResponse(fetch())  # `await` is missing


# --8<-- [end:non-dict]


# --8<-- [start:coroutine-in-json]
async def coroutine_in_json():
    project()
    from django.http import JsonResponse

    async def fetch():
        return {}

    JsonResponse({"weather": fetch()})  # `await` is missing


# --8<-- [end:coroutine-in-json]


# --8<-- [start:coroutine-attribute]
def coroutine_attribute():
    City = cities()

    async def view():
        city = City.objects.aget(name="Atlantis")  # `await` is missing
        return city.name

    asyncio.run(view())


# --8<-- [end:coroutine-attribute]


# --8<-- [start:not-stored]
def not_stored():
    City = cities()

    async def view():
        City.objects.acreate(name="Atlantis")  # `await` is missing

    asyncio.run(view())
    print(City.objects.count(), "cities")


# --8<-- [end:not-stored]


# --8<-- [start:not-iterable]
def not_iterable():
    async def words():
        yield "hello"

    print(list(words()))


# --8<-- [end:not-iterable]


# --8<-- [start:aiter-list]
async def aiter_list():
    async for word in ["hello"]:
        print(word)


# --8<-- [end:aiter-list]


# --8<-- [start:async-outside]
def async_outside():
    compile("def view():\n    await fetch()\n", "views.py", "exec")


# --8<-- [end:async-outside]


# --8<-- [start:star-coroutine]
async def star_coroutine():
    async def enter():
        return 1, 2

    print(*enter())  # `await` is missing


# --8<-- [end:star-coroutine]


# --8<-- [start:no-table]
def no_table():
    project(INSTALLED_APPS=["django.contrib.sessions"])
    from django.contrib.sessions.models import Session

    Session.objects.count()  # without `manage.py migrate`


# --8<-- [end:no-table]


# --8<-- [start:does-not-exist]
def does_not_exist():
    City = cities()
    asyncio.run(City.objects.aget(name="Atlantis"))


# --8<-- [end:does-not-exist]


# --8<-- [start:unique]
def unique():
    City = cities()
    for _time in range(2):
        asyncio.run(City.objects.acreate(name="Atlantis"))


# --8<-- [end:unique]


# --8<-- [start:database-locked]
def database_locked():
    import pathlib
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "db.sqlite3")
        project(
            DATABASES={
                "default": {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": path,
                    "OPTIONS": {"timeout": 0.1},  # 5 s, if it is not said
                }
            }
        )
        from django.db import connection

        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")  # another process is writing
        connection.cursor().execute("CREATE TABLE city (name)")


# --8<-- [end:database-locked]


# --8<-- [start:aborted-transaction]
def aborted_transaction():
    City = cities()
    from django.db import IntegrityError, transaction

    City.objects.create(name="Atlantis")
    with transaction.atomic():
        try:
            City.objects.create(name="Atlantis")
        except IntegrityError:
            print(City.objects.count())


# --8<-- [end:aborted-transaction]


# --8<-- [start:on-commit-called]
def on_commit_called():
    project()
    from django.db import transaction

    def tell(room):
        print(f"{room} was told")

    transaction.on_commit(tell("tea"))  # lambda: tell("tea")


# --8<-- [end:on-commit-called]


# --8<-- [start:robust-partial]
def robust_partial():
    project()
    from django.db import transaction

    def tell(room):
        raise ConnectionError("Redis is away.")

    transaction.on_commit(partial(tell, "tea"), robust=True)  # lambda: tell("tea")


# --8<-- [end:robust-partial]


# --8<-- [start:result-not-set]
async def result_not_set():
    asyncio.get_running_loop().create_future().result()


# --8<-- [end:result-not-set]


# --8<-- [start:str-not-callable]
async def str_not_callable():
    def sunrise(city):
        return f"{city}: 05:12"

    await asyncio.to_thread(sunrise("Atlantis"))  # to_thread(sunrise, "Atlantis")


# --8<-- [end:str-not-callable]


# --8<-- [start:blocking-call]
async def blocking_call():
    import time

    from blockbuster import blockbuster_ctx

    with blockbuster_ctx():
        time.sleep(1)


# --8<-- [end:blocking-call]


# --8<-- [start:missing-key]
def missing_key():
    project()
    from django.http import QueryDict

    print(QueryDict("city=Atlantis")["town"])


# --8<-- [end:missing-key]


# --8<-- [start:no-running-loop]
def no_running_loop():
    async def heartbeat():
        pass

    asyncio.create_task(heartbeat())  # in a thread, or in a synchronous consumer


# --8<-- [end:no-running-loop]


# --8<-- [start:awaited-twice]
async def awaited_twice():
    async def fetch():
        return {}

    answer = fetch()
    await answer
    await answer


# --8<-- [end:awaited-twice]


# --8<-- [start:none-attribute]
def none_attribute():
    City = cities()

    async def view():
        city = await City.objects.filter(name="Atlantis").afirst()
        return city.name

    asyncio.run(view())


# --8<-- [end:none-attribute]


# --8<-- [start:executor-quit]
async def executor_quit():
    import threading

    from asgiref.sync import async_to_sync

    entered, left = threading.Event(), asyncio.Event()

    async def begin():
        async def later():
            await left.wait()
            await sync_to_async(print)("never printed")

        kept.append(asyncio.create_task(later()))

    kept = []
    del entered
    await sync_to_async(async_to_sync(begin))()
    left.set()
    await kept[0]


# --8<-- [end:executor-quit]
