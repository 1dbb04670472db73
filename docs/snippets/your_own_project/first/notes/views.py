from django.shortcuts import render


def index(request):
    context = {"socket_path": "/ws/notes/"}
    return render(request, "notes/index.html", context)
