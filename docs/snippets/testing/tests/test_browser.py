"""The page itself, in a real browser."""

# --8<-- [start:browser]
import pytest
from playwright.async_api import async_playwright, expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch()
        yield browser
        await browser.close()


async def test_a_message_appears_in_the_other_window(server, browser):
    windows = [await browser.new_page() for _ in range(2)]
    for window in windows:
        await window.goto(f"http://{server}/chat/tea/")
        await expect(window.get_by_text("Connected")).to_be_visible()
    ann, bob = windows
    await ann.get_by_label("Message", exact=True).fill("Tea?")
    await ann.get_by_role("button", name="Send").click()
    await expect(bob.get_by_text("Tea?")).to_be_visible()
    # --8<-- [end:browser]
