"""The page itself, in a real browser. It is given, so nothing here earns points."""

from urllib.parse import quote

from channels_workshop.judging.mismatch import Mismatch, expect

# Every wait that the script asks for is noted and over at once; every connection is lost.
IMPATIENT = """
window.delays = [];
const wait = window.setTimeout;
window.setTimeout = (action, delay) => { window.delays.push(delay); return wait(action, 0); };
"""
ATTEMPTS = 6


async def test_markup_is_harmless(page, chat, lesson, some):
    room, sentinel = some.name(), some.text()
    await page.goto(f"/chat/{quote(room)}/")
    # What the page itself says comes back to it once it is in the room.
    hello = some.text()
    await page.locator("#status[data-state=connected]").wait_for()
    await page.locator("#message").fill(hello)
    await page.keyboard.press("Enter")
    await page.get_by_text(hello).wait_for()
    (ann,) = await chat.people(room, "ann")
    for markup in ['<img src="x" class="smuggled">', "<script class=smuggled></script>"]:
        await ann.say(markup)
    await ann.say(sentinel)
    await page.get_by_text(sentinel).wait_for()
    made = await page.locator(".smuggled").count()
    expect(lesson.message("elements", count=0), lesson.message("elements", count=made))


async def test_reconnects_with_jitter(chromium, visitor, lesson, some):
    address = f"{visitor.server.origin}/chat/{some.name()}/"
    waits = [await _waits_between_attempts(chromium, address) for _ in range(2)]
    if waits[0] == waits[1]:
        waited = ", ".join(map(str, waits[0]))
        raise Mismatch(
            lesson.message("different_waits"), lesson.message("same_waits", waits=waited)
        )


async def _waits_between_attempts(chromium, address):
    """Return how long the page waits before each attempt, in milliseconds."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.add_init_script(IMPATIENT)
    await page.route_web_socket("**", lambda socket: socket.close(code=1012))
    await page.goto(address)
    await page.wait_for_function(f"window.delays.length >= {ATTEMPTS}")
    delays = await page.evaluate("window.delays")
    await context.close()
    return delays[:ATTEMPTS]
