"""The project's own settings, with a channel layer that takes its time, and never the same."""

from config.settings import *

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "shuffling_layer.ShufflingLayer",
        # Room enough that nothing is dropped: a loss is not what is looked for here.
        "CONFIG": {"capacity": 10_000},
    },
}
