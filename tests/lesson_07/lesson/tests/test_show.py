"""Task `show`: each reading is answered with the newest and the highest."""

from readings import shows


async def test_shows_the_newest(visitor):
    await shows(visitor, "newest", [3, 9, 4], 4)


async def test_shows_the_highest(visitor):
    await shows(visitor, "highest", [-9, -3, -4], -3)
