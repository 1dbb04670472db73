async def awaiting(request):
    answer = fetch("weather", request.GET["city"])
    return JsonResponse(answer)
