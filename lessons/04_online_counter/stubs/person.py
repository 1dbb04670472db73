@property
def person(self):
    """Whose tab this is: the session's. Without a session, a person of its own."""
    return self.channel_name  # a person of its own in any case. Your turn.
