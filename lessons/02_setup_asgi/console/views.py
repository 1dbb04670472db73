"""The one page: a console to connect, send frames and see what comes back."""

from django.shortcuts import render


def console(request):
    return render(request, "console/console.html")
