"""What those ask who run the chat: is it well, and how much does it do?"""

import asyncio

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

#: Seconds. Whoever asks waits no longer than that for Redis.
PATIENCE = 2

# A client of its own: how the chat talks to Redis is the chat's business.
redis = Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)


# --8<-- [start:healthz]
async def healthz(request):
    """Answer 200; 503 where Redis does not answer, and nobody can come in."""
    try:
        async with asyncio.timeout(PATIENCE):
            await redis.ping()
    except (RedisError, TimeoutError):
        return HttpResponse("Redis does not answer.\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")


# --8<-- [end:healthz]


async def metrics(request):
    """Return what this process has counted. Others have to be asked themselves."""
    return HttpResponse(generate_latest(), CONTENT_TYPE_LATEST)
