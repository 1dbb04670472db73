"""The frame microscope: every frame, group message, handshake and traceback of a running project."""
