"""A queue of workers asks the upstream; postcards by SQL in a thread."""

import asyncio

from django.db import connection, transaction
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from . import almanac
from .server import BOOT, describe
from .slow_server import SECONDS
from .upstream import afetch, fetch


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


@require_GET
async def awaiting(request):
    return JsonResponse(await afetch("weather", request.GET.get("city")))


@require_GET
async def together(request):
    answers = asyncio.Queue()

    async def work(topic):
        try:
            await answers.put((topic, await afetch(topic, request.GET["city"])))
        except Exception as error:
            await answers.put((topic, {"error": f"{type(error).__name__}"}))

    workers = [asyncio.create_task(work(topic)) for topic in ("news", "weather", "trains")]
    parts = dict([await answers.get() for _ in workers])
    return JsonResponse(parts)


@require_GET
async def sunrise(request):
    loop = asyncio.get_running_loop()
    found = loop.create_future()

    def look_up():
        try:
            text = almanac.sunrise(request.GET["city"])
        except Exception as error:
            loop.call_soon_threadsafe(found.set_exception, error)
        else:
            loop.call_soon_threadsafe(found.set_result, text)

    await asyncio.gather(found, asyncio.to_thread(look_up))
    return JsonResponse({"text": found.result()})


@require_POST
def send_postcard(request):
    form = request.POST
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO waiting_city (name) VALUES (%s) ON CONFLICT (name) DO NOTHING",
            [form["city"]],
        )
        cursor.execute(
            'INSERT INTO waiting_postcard (city_id, "to", text) '
            "SELECT id, %s, %s FROM waiting_city WHERE name = %s",
            [form["to"], form["text"], form["city"]],
        )
    return JsonResponse({"sent": True}, status=201)


@require_GET
def postcards(request):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT city.name, card.text FROM waiting_postcard card "
            'JOIN waiting_city city ON city.id = card.city_id WHERE card."to" = %s '
            "ORDER BY card.id",
            [request.GET["to"]],
        )
        cards = [{"city": city, "text": text} for city, text in cursor.fetchall()]
    return JsonResponse({"postcards": cards})
