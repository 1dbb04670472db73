"""The page itself, in a real browser. It is given, so nothing here earns points."""

from channels_workshop.judging.mismatch import expect


async def test_page_shows_text_as_text(page, lesson, some):
    await page.goto("/")
    await page.locator("#path:focus").wait_for()
    await page.keyboard.press("Enter")
    await page.get_by_text("101 Switching Protocols").wait_for()
    for text in ["<b class=smuggled>bold</b>", sentinel := some.text()]:
        await page.fill("#text", text)
        await page.keyboard.press("Enter")
    await page.locator(".log .in", has_text=sentinel).wait_for()
    made = await page.locator(".smuggled").count()
    expect(lesson.message("elements", count=0), lesson.message("elements", count=made))
