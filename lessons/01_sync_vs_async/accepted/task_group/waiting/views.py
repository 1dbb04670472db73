"""The tasks with a TaskGroup, `sync_to_async` and rows as dictionaries."""

import asyncio

from asgiref.sync import sync_to_async
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
    return JsonResponse({"boot": BOOT})


def server(request):
    return JsonResponse({"described": describe(request)})


def sync(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


async def blocking(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


async def awaiting(request):
    return JsonResponse(await asyncio.create_task(afetch("weather", request.GET["city"])))


async def together(request):
    parts = {}

    async def fill(topic):
        # Nothing leaves this coroutine, so the group has no reason to cancel the others.
        try:
            parts[topic] = await afetch(topic, request.GET["city"])
        except UpstreamError:
            parts[topic] = {"error": f"No {topic} today."}

    async with asyncio.TaskGroup() as group:
        for topic in TOPICS:
            group.create_task(fill(topic))
    return JsonResponse(parts)


async def sunrise(request):
    look_up = sync_to_async(almanac.sunrise, thread_sensitive=False)
    return JsonResponse({"text": await look_up(request.GET["city"])})


async def send_postcard(request):
    try:
        city = await City.objects.aget(name=request.POST["city"])
    except City.DoesNotExist:
        city = await City.objects.acreate(name=request.POST["city"])
    postcard = Postcard(city=city, to=request.POST["to"], text=request.POST["text"])
    await postcard.asave()
    return JsonResponse({"id": postcard.pk}, status=201)


async def postcards(request):
    rows = Postcard.objects.filter(to=request.GET["to"]).values("city__name", "text")
    cards = [{"city": row["city__name"], "text": row["text"]} async for row in rows]
    return JsonResponse({"postcards": cards})
