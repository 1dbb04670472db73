def read_message(text_data):
    """Return the message in a client's frame; raise BadFrame if there is none to be had."""
    raise BadFrame("not_written")
