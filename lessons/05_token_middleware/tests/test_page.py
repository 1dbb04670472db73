"""The page itself, in a real browser. It is given, so nothing here earns points."""

from channels_workshop.chat_checks.accounts import MARKUP, Shown, bearer, name_of
from channels_workshop.judging.mismatch import expect


async def test_names_are_harmless(page, door, accounts, sessions, lesson, some):
    room, text = some.name(), some.text()
    ((_, cookies),) = (await sessions.of("sue")).cookies
    for cookie in cookies.split("; "):
        name, _, value = cookie.partition("=")
        await page.context.add_cookies(
            [{"name": name, "value": value, "url": door.visitor.server.origin}]
        )
    await page.goto(f"/chat/{room}/")
    await page.locator("#status[data-state=connected]").wait_for()
    shown = Shown("markup as a name", bearer(accounts.token(MARKUP)))
    await name_of(await door.connect(room, shown), text)
    await page.get_by_text(text).wait_for()
    made = await page.locator(".smuggled").count()
    expect(lesson.message("elements", count=0), lesson.message("elements", count=made))
