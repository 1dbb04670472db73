CHANNEL_LAYERS = {
    # Groups live in this process alone: a second process is another chat. Your turn.
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}
