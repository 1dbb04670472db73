# --8<-- [start:daphne]
INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "notes",
]
ASGI_APPLICATION = "mysite.asgi.application"
# --8<-- [end:daphne]
