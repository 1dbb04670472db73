INSTALLED_APPS = [
    "daphne",
    "django.contrib.staticfiles",
    "channels",
    "console",
]
