async def send_postcard(request):
    return JsonResponse({"error": "This part is not written yet."}, status=501)
