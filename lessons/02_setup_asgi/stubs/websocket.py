# WebSocket has no application yet: import the routes here, and make a URLRouter of them.
