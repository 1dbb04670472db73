"""The page itself, in a real browser. It is given, so nothing here earns points."""

from channels_workshop.checking.agreement import Departure


async def test_page_shows_text_as_text(page, some):
    await page.goto("/")
    await page.keyboard.press("Enter")
    await page.get_by_text("101 Switching Protocols").wait_for()
    for text in ["<b class=smuggled>bold</b>", sentinel := some.text()]:
        await page.fill("#text", text)
        await page.keyboard.press("Enter")
    await page.locator(".log .in", has_text=sentinel).wait_for()
    smuggled = await page.locator(".smuggled").count()
    if smuggled:
        raise Departure("elements made of a frame: 0", f"elements made of it: {smuggled}")
