"""What the checks of this lesson speak in: readings, and what the dashboard makes of them."""

import json
from pathlib import Path

from channels_workshop.course.lesson import load_lesson
from channels_workshop.judging.mismatch import Mismatch

LESSON = load_lesson(Path(__file__).parents[1])


async def shows(visitor, key, readings, expected):
    """Raise Mismatch unless, after all `readings`, `key` is `expected`."""
    dashboard = await visitor.connect("/ws/dashboard/")
    content = {}
    for reading in readings:
        await dashboard.send({"reading": reading})
        content = json.loads(await dashboard.receive())
    if content.get(key) != expected:
        shown = LESSON.message("shown", content=json.dumps(content))
        raise Mismatch(LESSON.message(key), shown, given=str(readings))
