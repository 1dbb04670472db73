async def healthz(request):
    """Answer 200; 503 where Redis does not answer, and nobody can come in."""
    return HttpResponse("This part is not written yet.\n", "text/plain", status=501)
