"""Everything that blocks goes through `sync_to_async`; a Django form that leaves white space alone."""

import asyncio

from asgiref.sync import sync_to_async
from django import forms
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import render

from . import almanac
from .models import City, Postcard
from .server import BOOT, describe
from .slow_server import SECONDS
from .upstream import UpstreamError, fetch


def index(request):
    return render(request, "waiting/index.html", {"upstream_seconds": SECONDS})


def ping(request):
    return JsonResponse({"boot": BOOT})


def server(request):
    return JsonResponse({"described": describe(request)})


def sync(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


async def blocking(request):
    return JsonResponse(fetch("weather", request.GET["city"]))


# Sensitive to the thread by default: within one request they would take turns.
ask = sync_to_async(fetch, thread_sensitive=False)


async def awaiting(request):
    try:
        return JsonResponse(await ask("weather", request.GET["city"]))
    except UpstreamError as error:
        return JsonResponse({"error": str(error)}, status=503)


async def together(request):
    topics = ["weather", "trains", "news"]
    tasks = [asyncio.ensure_future(ask(topic, request.GET["city"])) for topic in topics]
    await asyncio.wait(tasks)
    return JsonResponse(
        {
            topic: {"error": str(task.exception())} if task.exception() else task.result()
            for topic, task in zip(topics, tasks, strict=True)
        }
    )


async def sunrise(request):
    # Sensitive to the thread: each request has its own.
    return JsonResponse({"text": await sync_to_async(almanac.sunrise)(request.GET["city"])})


class PostcardForm(forms.Form):
    to = forms.CharField(max_length=100, strip=False)
    city = forms.CharField(max_length=100, strip=False)
    text = forms.CharField(strip=False)


@sync_to_async
def store(to, city, text):
    city, _ = City.objects.get_or_create(name=city)
    Postcard.objects.create(to=to, city=city, text=text)


async def send_postcard(request):
    form = PostcardForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_json())
    await store(**form.cleaned_data)
    return JsonResponse({"sent": True}, status=201)


@sync_to_async
def cards_to(person):
    found = Postcard.objects.filter(to=person).prefetch_related("city")
    return [{"city": card.city.name, "text": card.text} for card in found]


async def postcards(request):
    return JsonResponse({"postcards": await cards_to(request.GET["to"])})
