"""Where the checks let time pass."""

import passing_clock
from side_door import side_door


async def _let_pass(_path, given):
    await passing_clock.let_pass(float(given["seconds"][0]))
    return {}


door = side_door("/.passing/", "passing_settings", _let_pass)
