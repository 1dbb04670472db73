"""Task `origin`: only pages of the project's own hosts may connect."""

from channels_workshop.judging.origins import FOREIGN, MISSING, NULL, turns_away
from echo import ECHO, answers


async def test_own_page_comes_in(visitor):
    await visitor.connect(ECHO, who="own page")


async def test_foreign_page_stays_out(visitor):
    for origin in FOREIGN:
        await turns_away(visitor, ECHO, origin)


async def test_null_origin_stays_out(visitor):
    await turns_away(visitor, ECHO, NULL)


async def test_missing_origin_stays_out(visitor):
    await turns_away(visitor, ECHO, MISSING)


async def test_every_path_is_guarded(visitor):
    for path in ["/ws/nowhere/", "/"]:
        await turns_away(visitor, path, FOREIGN[0])


async def test_http_needs_no_origin(visitor):
    await answers(visitor, "/nowhere/", 404)
    await answers(visitor, "/nowhere/", 404, headers={"Origin": FOREIGN[0]})
