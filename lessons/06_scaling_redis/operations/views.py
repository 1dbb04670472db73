"""What those ask who run the chat: is it well, and how much does it do?"""

import asyncio

from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from chat.presence import redis

#: Seconds. Whoever asks waits no longer than that for Redis.
PATIENCE = 2


async def healthz(request):
    """Answer 200; 503 where Redis does not answer, and nobody can come in."""
    try:
        async with asyncio.timeout(PATIENCE):
            await redis.ping()
    except (RedisError, TimeoutError):
        return HttpResponse("Redis does not answer.\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")


async def metrics(request):
    """Return what this process has counted. Others have to be asked themselves."""
    return HttpResponse(generate_latest(), CONTENT_TYPE_LATEST)
