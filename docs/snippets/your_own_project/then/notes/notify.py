from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

GROUP = "notes"


def send_note(text):
    """Show a note on every open page. Not for async code."""
    event = {"type": "note.sent", "text": text}
    async_to_sync(get_channel_layer().group_send)(GROUP, event)
