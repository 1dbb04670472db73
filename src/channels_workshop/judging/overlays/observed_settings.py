"""The project's own settings, with groups in memory where the checks can count their members."""

from config.settings import *

CHANNEL_LAYERS = {
    **globals().get("CHANNEL_LAYERS", {}),
    "default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 1_000},
    },
}
