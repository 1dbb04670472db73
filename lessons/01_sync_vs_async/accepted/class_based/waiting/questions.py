"""What waits for the upstream, as classes with a client of their own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
from django.http import JsonResponse
from django.views import View

from . import almanac, upstream

TOPICS = ["weather", "trains", "news"]

# Threads for the almanac alone: it may keep them all busy, and nothing else waits.
almanac_threads = ThreadPoolExecutor(16, thread_name_prefix="almanac")


def client():
    return httpx.AsyncClient(base_url=upstream.url(), trust_env=False, verify=upstream.TLS)


async def ask(client, topic, city):
    response = await client.get(f"/{topic}", params={"city": city})
    response.raise_for_status()
    return response.json()


class Awaiting(View):
    async def get(self, request):
        async with client() as one:
            return JsonResponse(await ask(one, "weather", request.GET["city"]))


class Together(View):
    async def get(self, request):
        async with client() as one:
            asked = [ask(one, topic, request.GET["city"]) for topic in TOPICS]
            answers = await asyncio.gather(*asked, return_exceptions=True)
        return JsonResponse(dict(zip(TOPICS, map(self.part, answers), strict=True)))

    def part(self, answer):
        if isinstance(answer, Exception):
            return {"error": type(answer).__name__}
        return {"text": answer["text"]}


class Sunrise(View):
    async def get(self, request):
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(almanac_threads, almanac.sunrise, request.GET["city"])
        return JsonResponse({"text": text})
