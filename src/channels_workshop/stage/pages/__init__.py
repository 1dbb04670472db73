"""What our small Channels apps, each served from within a verb, have in common."""
