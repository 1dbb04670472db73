"""Each view of the cell, known by its first parameter, is at its own name."""

import inspect

import views
from django.http import JsonResponse
from django.urls import path


async def ping(request):
    """Answer at once: as long as this does, others are being served."""
    return JsonResponse({})


def _is_view(thing):
    return (
        inspect.isfunction(thing)
        and next(iter(inspect.signature(thing).parameters), "") == "request"
    )


_views = {"ping": ping, **dict(inspect.getmembers(views, _is_view))}
urlpatterns = [path(f"{name}/", view) for name, view in _views.items()]
