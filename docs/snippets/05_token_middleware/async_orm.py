"""Django's async ORM, by tables that every project with users has."""

from django.contrib.auth.models import Group, Permission


# --8<-- [start:async_orm]
async def ask():
    wanted = Permission.objects.filter(codename="add_user")  # no query yet, so no await
    found = await wanted.select_related("content_type").afirst()  # one row, or None
    print(found.content_type.model)  # fetched along: no second query

    deleted, _ = await Group.objects.filter(name="night shift").adelete()
    print(deleted)  # how many rows this call has deleted


# --8<-- [end:async_orm]
