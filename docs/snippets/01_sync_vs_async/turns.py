"""Two blocking calls in one request: in turn, and at the same time."""

import asyncio

from asgiref.sync import sync_to_async
from django.http import JsonResponse

from waiting import almanac


# --8<-- [start:views]
async def take_turns(request):
    look_up = sync_to_async(almanac.sunrise)
    texts = await asyncio.gather(look_up("Riga"), look_up("Oslo"))
    return JsonResponse({"texts": texts})


async def at_the_same_time(request):
    look_up = sync_to_async(almanac.sunrise, thread_sensitive=False)
    texts = await asyncio.gather(look_up("Riga"), look_up("Oslo"))
    return JsonResponse({"texts": texts})


# --8<-- [end:views]
