def begin_heartbeat(self):
    """Begin to renew this tab's presence, beside all else that the consumer does."""
    # Nobody renews anything: whoever is here for longer than PRESENCE_SECONDS is gone. Your turn.


def end_heartbeat(self):
    """End that with the connection."""
