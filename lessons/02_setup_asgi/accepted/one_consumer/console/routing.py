"""There are no routes: see `console/consumers.py`."""
