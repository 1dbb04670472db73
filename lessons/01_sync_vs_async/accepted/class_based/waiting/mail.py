"""Postcards: the ORM stays synchronous and works in a thread, as transactions want it."""

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import JsonResponse
from django.views import View

from .models import City, Postcard


@sync_to_async
@transaction.atomic
def keep(to, city, text):
    city, _ = City.objects.get_or_create(name=city)
    Postcard.objects.create(to=to, city=city, text=text)


@sync_to_async
def kept_for(to):
    found = Postcard.objects.filter(to=to)
    return [{"city": card.city.name, "text": card.text} for card in found]


class Send(View):
    async def post(self, request):
        await keep(request.POST["to"], request.POST["city"], request.POST["text"])
        return JsonResponse({}, status=201)


class Mailbox(View):
    async def get(self, request):
        return JsonResponse({"postcards": await kept_for(request.GET["to"])})
