"""The same answers from synchronous views: under ASGI, Django gives each request a thread."""

from concurrent.futures import ThreadPoolExecutor

from django.http import JsonResponse
from django.shortcuts import render

from . import almanac
from .models import City, Postcard
from .server import BOOT, describe
from .slow_server import SECONDS
from .upstream import UpstreamError, fetch

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


awaiting = sync


def together(request):
    def part(topic):
        try:
            return fetch(topic, request.GET["city"])
        except UpstreamError as error:
            return {"error": str(error)}

    with ThreadPoolExecutor(len(TOPICS)) as pool:
        return JsonResponse(dict(zip(TOPICS, pool.map(part, TOPICS), strict=True)))


def sunrise(request):
    return JsonResponse({"text": almanac.sunrise(request.GET["city"])})


def send_postcard(request):
    city, _ = City.objects.get_or_create(name=request.POST["city"])
    city.postcards.create(to=request.POST["to"], text=request.POST["text"])
    return JsonResponse({"sent": True}, status=201)


def postcards(request):
    found = Postcard.objects.filter(to=request.GET["to"])
    cards = [{"city": card.city.name, "text": card.text} for card in found]
    return JsonResponse({"postcards": cards})
