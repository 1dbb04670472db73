# --8<-- [start:layer]
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}
# --8<-- [end:layer]
