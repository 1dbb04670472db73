"""What the server asks of every project; a bare ASGI application has no use for it."""

SECRET_KEY = "for-a-notebook-only"
ROOT_URLCONF = "application_settings"
urlpatterns: list[object] = []
