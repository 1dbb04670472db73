"""What is given: the page, the heart, and two exhibits."""

from django.http import JsonResponse
from django.shortcuts import render

from .server import BOOT, describe
from .slow_server import SECONDS
from .upstream import fetch


async def index(request):
    # Reading a template from the disk is nothing that anybody has to wait for.
    return render(request, "waiting/index.html", {"upstream_seconds": SECONDS})


async def ping(request):
    return JsonResponse({"boot": BOOT})


def server(request):
    return JsonResponse({"described": describe(request)})


def sync(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


async def blocking(request):
    return JsonResponse(fetch("weather", request.GET["city"]))
