"""The project's own settings, with a channel layer that the checks look into and disturb."""

import passing_clock  # first: what the project imports is to see its time

from config.settings import *

passing_clock.start()

_OWN = CHANNEL_LAYERS["default"]
_IS_IN_MEMORY = _OWN["BACKEND"] == "channels.layers.InMemoryChannelLayer"
CHANNEL_LAYERS = {
    **CHANNEL_LAYERS,
    "default": {
        "BACKEND": "watched_layer.WatchedLayer",
        "CONFIG": _OWN.get("CONFIG", {}) if _IS_IN_MEMORY else {"capacity": 1_000},
    },
}
