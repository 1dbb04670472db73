def announce(room, text):
    """Store an announcement; tell the room once the transaction around this call is committed."""
    raise NotImplementedError("This part of the lesson is not written yet.")
