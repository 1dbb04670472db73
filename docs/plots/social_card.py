"""Draw what is shown where a link to the site is shared: `docs/theme/assets/images/card.*.png`.

python docs/plots/social_card.py
"""

import asyncio
from pathlib import Path

from channels_workshop.judging.browser import browser

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "theme" / "assets" / "images"
WORDS = {
    "en": (
        "Django Channels workshop",
        "From blocking views to a chat that scales",
        "Six lessons. You write the code and see at once whether it works.",
    ),
    "ru": (
        "Мастерская Django Channels",
        "От блокирующих представлений до чата, который масштабируется",
        "Шесть уроков. Вы пишете код и сразу видите, работает ли он.",
    ),
}
FILL = """async ([language, words]) => {
  document.documentElement.lang = language
  ["site", "title", "text"].forEach((id, at) => {
    document.getElementById(id).textContent = words[at]
  })
  const chat = document.getElementById("chat")
  chat.src = `../${language}/img/finished-light.png`
  await chat.decode()
}"""


async def draw() -> None:
    """Take a picture of the card in each language."""
    async with browser() as chromium:
        page = await chromium.new_page(viewport={"width": 1200, "height": 630})
        for language, words in WORDS.items():
            await page.goto((HERE / "social_card.html").as_uri())
            await page.evaluate(FILL, [language, words])
            await page.screenshot(path=IMAGES / f"card.{language}.png")


if __name__ == "__main__":
    asyncio.run(draw())
