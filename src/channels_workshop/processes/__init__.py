"""A Django project as a real server process, and an embedded Redis beside it."""
