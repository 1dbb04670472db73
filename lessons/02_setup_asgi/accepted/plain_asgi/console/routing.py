"""The routes stand in `console/websocket.py`."""
