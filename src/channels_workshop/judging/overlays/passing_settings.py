"""The project's own settings, on a clock that the checks let pass."""

import passing_clock  # first: what the project imports is to see its time

from config.settings import *

passing_clock.start()
