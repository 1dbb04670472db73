INSTALLED_APPS = [
    "django.contrib.staticfiles",
    # Django looks for pages and scripts in the apps that stand here. One is missing.
]
