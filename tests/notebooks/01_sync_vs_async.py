# Claims of the notebook: each block holds after the cell that it names. How long it takes in a row is
# known; so whatever takes less was done side by side, on a busy machine as well.

# %% run-sync
# Four in the time of one: in a row it would be four times half a second.
assert all(visit.status == 200 for visit in sync.visits)
assert sync.seconds < 4 * 0.5
# The heart was served while they waited.
assert sum(beat.ended < sync.seconds for beat in sync.beats) > 2

# %% run-blocking
assert blocking.seconds > 4 * 0.5
assert blocking.stalled > 3 * 0.5
# Even the first gets the answer late.
assert min(visit.seconds for visit in blocking.visits) > 0.5

# %% run-awaiting
assert all(visit.status == 200 for visit in awaiting_visits.visits)
assert awaiting_visits.seconds < 4 * 0.5
assert sum(beat.ended < awaiting_visits.seconds for beat in awaiting_visits.beats) > 2

# %% fill-awaiting
assert not check("01", awaiting).passed
assert check(
    "01",
    section="awaiting",
    code="""
async def awaiting(request):
    answer = await afetch("weather", request.GET["city"])
    return JsonResponse(answer)
""",
).passed

# %% run-together
assert in_a_row.seconds >= 3 * 0.4
assert 0.4 <= together.seconds < 3 * 0.4
assert sum(beat.ended < in_a_row.seconds for beat in in_a_row.beats) > 2
assert sum(beat.ended < together.seconds for beat in together.beats) > 2

# %% run-sensitive
assert sensitive.seconds >= 3 * 0.4
assert insensitive.seconds < 3 * 0.4
assert sum(beat.ended < sensitive.seconds for beat in sensitive.beats) > 2

# %% run-two-visitors
assert two.seconds < 6 * 0.4

# %% run-pool
# The one for whom there is no thread waits for another's end.
assert crowded.seconds >= 2 * 0.4
assert full.seconds < crowded.seconds
assert sum(beat.ended < crowded.seconds for beat in crowded.beats) > 2

# %% slide-visitors
assert reckoned_visits([0.4 * (1 + n // threads) for n in range(2 * threads)]).seconds == 0.8

# %% models
import pytest
from django.core.exceptions import SynchronousOnlyOperation

assert await City.objects.acount() == 1

# %% run-count
with pytest.raises(SynchronousOnlyOperation):
    City.objects.count()

# %% run-filter
with pytest.raises(SynchronousOnlyOperation):
    list(Postcard.objects.filter(to="Anna"))

# %% run-city
with pytest.raises(SynchronousOnlyOperation):
    (await Postcard.objects.aget(to="Anna")).city
assert card.city.name == "Riga"

# %% run-atomic
with pytest.raises(TypeError, match="asynchronous context manager"):
    async with transaction.atomic():
        pass
assert await Postcard.objects.filter(to="Boris").acount() == 2

# %% run-stream
# All pieces of the sync one come together, those of the async one one by one.
assert sync_stream[0].seconds >= 4 * 0.3
assert async_stream[0].seconds < async_stream[-1].seconds - 2 * 0.3
assert len(async_stream) == 4

# %% stream-log
assert "must consume synchronous iterators" in radio.log()

# %% fill-sunrise
assert not check("01", sunrise).passed
assert check(
    "01",
    section="sunrise",
    code="""
async def sunrise(request):
    text = await asyncio.to_thread(almanac.sunrise, request.GET["city"])
    return JsonResponse({"text": text})
""",
).passed
