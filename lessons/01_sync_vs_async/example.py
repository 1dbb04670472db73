"""A kitchen that waits in every way there is. Run it: `workshop.py run 01 --example`.

One file, to be read from top to bottom; a real project has a file for each part.
"""

import asyncio
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, models
from django.http import HttpResponse, JsonResponse
from django.urls import path

folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder.name}/db"}},
    DEBUG=True,
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has no secrets",
)
application = get_asgi_application()


# --8<-- [start:tea]
def sync_tea(request):
    time.sleep(1)
    return HttpResponse("The tea is ready.")


async def blocking_tea(request):
    return sync_tea(request)


async def awaiting_tea(request):
    await asyncio.sleep(1)
    return HttpResponse("The tea is ready.")


# --8<-- [end:tea]
# --8<-- [start:breakfast]
async def fry(food):
    await asyncio.sleep(1)
    if food == "shoe":
        raise ValueError("Nobody fries a shoe.")
    return f"fried {food}"


async def breakfast(request, third):
    plates = await asyncio.gather(fry("egg"), fry("bun"), fry(third))
    return JsonResponse({"plates": plates})


# --8<-- [end:breakfast]
# --8<-- [start:coffee]
async def coffee(request):
    await asyncio.to_thread(time.sleep, 1)  # it can only block
    return HttpResponse("The coffee is ready.")


# --8<-- [end:coffee]
# --8<-- [start:orders]
class Order(models.Model):
    dish = models.CharField(max_length=50)

    class Meta:
        app_label = "kitchen"


async def orders(request, dish):
    await Order.objects.acreate(dish=dish)
    latest = Order.objects.order_by("-pk")[:3]
    dishes = [order.dish async for order in latest]
    return JsonResponse({"latest": dishes})


# --8<-- [end:orders]
def create_table():
    with connection.schema_editor() as editor:
        editor.create_model(Order)


# In a thread: a server may import this file in its event loop, where Django refuses queries.
with ThreadPoolExecutor() as threads:
    threads.submit(create_table).result()

PAGE = """<!doctype html>
<title>Kitchen</title>
<link rel="icon" href="data:,">
<p>The server's clock: <output id="clock"></output></p>
<button>tea/sync/</button> <button>tea/blocking/</button> <button>tea/awaiting/</button>
<button>breakfast/tomato/</button> <button>breakfast/shoe/</button> <button>coffee/</button>
<button>orders/soup/</button>
<pre></pre>
<script>
  const ask = async (path) => {
    const answer = await fetch(path, { cache: "no-store", method: "POST" });
    return answer.ok ? answer.text() : `HTTP ${answer.status}`;
  };
  setInterval(async () => (clock.value = await ask("clock/")), 500);
  for (const button of document.querySelectorAll("button")) {
    button.onclick = async () => {
      const [path, began] = [button.textContent, performance.now()];
      const answers = await Promise.all([ask(path), ask(path), ask(path)]);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      document.querySelector("pre").append(`3 × ${path} took ${seconds} s: ${answers[2]}\\n`);
    };
  }
</script>
"""


async def page(request):
    return HttpResponse(PAGE)


async def clock(request):
    return HttpResponse(time.strftime("%H:%M:%S"))


urlpatterns = [
    path("", page),
    path("clock/", clock),
    path("tea/sync/", sync_tea),
    path("tea/blocking/", blocking_tea),
    path("tea/awaiting/", awaiting_tea),
    path("breakfast/<str:third>/", breakfast),
    path("coffee/", coffee),
    path("orders/<str:dish>/", orders),
]
