"""One slow question, asked in every way there is. Who else is served meanwhile?"""

import asyncio

from django.http import JsonResponse
from django.shortcuts import render

from . import almanac
from .models import City, Postcard
from .server import BOOT, describe
from .slow_server import SECONDS
from .upstream import UpstreamError, afetch, fetch

TOPICS = ["weather", "trains", "news"]


def index(request):
    return render(request, "waiting/index.html", {"upstream_seconds": SECONDS})


async def ping(request):
    """Answer at once: as long as this does, others are being served."""
    return JsonResponse({"boot": BOOT})


def server(request):
    return JsonResponse({"described": describe(request)})


# ---- Two exhibits, to hold your own views against.


def sync(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


async def blocking(request):
    # Do not copy this one: it is async by name, and the whole event loop waits in this line.
    return JsonResponse(fetch("weather", request.GET["city"]))


# ---- The tasks.


# --8<-- [start:awaiting]
async def awaiting(request):
    answer = await afetch("weather", request.GET["city"])
    return JsonResponse(answer)


# --8<-- [end:awaiting]


# --8<-- [start:together]
async def together(request):
    city = request.GET["city"]
    parts = await asyncio.gather(*(part(topic, city) for topic in TOPICS))
    return JsonResponse(dict(zip(TOPICS, parts, strict=True)))


async def part(topic, city):
    """Return what the upstream says of one topic; in place of a failure, an error."""
    try:
        return await afetch(topic, city)
    except UpstreamError as error:
        return {"error": str(error)}


# --8<-- [end:together]


# --8<-- [start:sunrise]
async def sunrise(request):
    text = await asyncio.to_thread(almanac.sunrise, request.GET["city"])
    return JsonResponse({"text": text})


# --8<-- [end:sunrise]


# --8<-- [start:send_postcard]
async def send_postcard(request):
    city, _ = await City.objects.aget_or_create(name=request.POST["city"])
    await Postcard.objects.acreate(city=city, to=request.POST["to"], text=request.POST["text"])
    return JsonResponse({"sent": True}, status=201)


# --8<-- [end:send_postcard]


# --8<-- [start:postcards]
async def postcards(request):
    found = Postcard.objects.filter(to=request.GET["to"]).select_related("city")
    cards = [{"city": card.city.name, "text": card.text} async for card in found]
    return JsonResponse({"postcards": cards})


# --8<-- [end:postcards]
