async def sunrise(request):
    return JsonResponse({"error": "This part is not written yet."}, status=501)
