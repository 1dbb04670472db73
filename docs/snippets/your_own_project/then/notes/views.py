from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from .notify import send_note


def index(request):
    context = {"socket_path": "/ws/notes/"}
    return render(request, "notes/index.html", context)


@require_POST
def send(request):
    send_note(request.POST["text"])
    return HttpResponse(status=204)
