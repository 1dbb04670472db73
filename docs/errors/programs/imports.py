"""Errors before anything runs: imports and settings."""

import sys
import types

from playground import project


# --8<-- [start:apps-not-loaded]
def apps_not_loaded():
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["django.contrib.auth"])
    from django.contrib.auth.models import User  # noqa: F401 - too early: django.setup() comes later


# --8<-- [end:apps-not-loaded]


# --8<-- [start:settings-not-configured]
def settings_not_configured():
    from django.contrib.auth.models import User  # noqa: F401 - no DJANGO_SETTINGS_MODULE is set


# --8<-- [end:settings-not-configured]


# --8<-- [start:secret-key]
def secret_key():
    project(SECRET_KEY="")
    from django.conf import settings

    print(settings.SECRET_KEY)


# --8<-- [end:secret-key]


# --8<-- [start:no-module]
def no_module():
    project(INSTALLED_APPS=["consol"])


# --8<-- [end:no-module]


# --8<-- [start:not-a-package]
def not_a_package():
    for name in [name for name in sys.modules if name.partition(".")[0] == "channels"]:
        del sys.modules[name]
    sys.modules["channels"] = types.ModuleType("channels")  # as a channels.py of yours would be
    import channels.generic.websocket  # noqa: F401


# --8<-- [end:not-a-package]


# --8<-- [start:app-twice]
def app_twice():
    project(INSTALLED_APPS=["django.contrib.auth", "django.contrib.auth.apps.AuthConfig"])


# --8<-- [end:app-twice]


# --8<-- [start:no-app-label]
def no_app_label():
    project()
    from django.db import models

    type("Message", (models.Model,), {"__module__": "chat.models"})


# --8<-- [end:no-app-label]


# --8<-- [start:no-template]
def no_template():
    project(
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
    )
    from django.template.loader import get_template

    get_template("chat/index.html")


# --8<-- [end:no-template]


# --8<-- [start:asgi-not-set]
def asgi_not_set():
    project(INSTALLED_APPS=["daphne"])
    from django.core.management import call_command

    call_command("runserver", "0", "--noreload", "--skip-checks")


# --8<-- [end:asgi-not-set]


# --8<-- [start:asgi-not-found]
def asgi_not_found():
    sys.modules["config"] = types.ModuleType("config")
    project(
        ASGI_APPLICATION="config.asgi"
    )  # the variable's name is missing: config.asgi.application
    from channels.routing import get_default_application

    get_default_application()


# --8<-- [end:asgi-not-found]


# --8<-- [start:asgi-not-imported]
def asgi_not_imported():
    project(ASGI_APPLICATION="mysite.routing.application")  # there is no mysite/routing.py
    from channels.routing import get_default_application

    get_default_application()


# --8<-- [end:asgi-not-imported]


# --8<-- [start:partially-initialized]
def partially_initialized():
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "config")
        config.mkdir()
        (config / "asgi.py").write_text("import config.settings\napplication = None\n")
        (config / "settings.py").write_text("from config.asgi import application\n")
        sys.path.insert(0, folder)
        import config.asgi


# --8<-- [end:partially-initialized]


# --8<-- [start:daphne-order]
def daphne_order():
    project(INSTALLED_APPS=["django.contrib.staticfiles", "daphne"], STATIC_URL="static/")
    from django.core.management import call_command

    call_command("check")


# --8<-- [end:daphne-order]


# --8<-- [start:no-backend]
def no_backend():
    project(CHANNEL_LAYERS={"default": {"CONFIG": {"hosts": ["redis://127.0.0.1"]}}})
    from channels.layers import get_channel_layer

    get_channel_layer()


# --8<-- [end:no-backend]


# --8<-- [start:backend-not-imported]
def backend_not_imported():
    project(CHANNEL_LAYERS={"default": {"BACKEND": "asgi_redis.RedisChannelLayer"}})
    from channels.layers import get_channel_layer

    get_channel_layer()


# --8<-- [end:backend-not-imported]


# --8<-- [start:app-not-in-module]
def app_not_in_module():
    import uvicorn

    sys.modules["config.asgi"] = types.ModuleType("config.asgi")
    uvicorn.Config("config.asgi:app", log_config=None).load()  # the name there is `application`


# --8<-- [end:app-not-in-module]


# --8<-- [start:module-not-imported]
def module_not_imported():
    import uvicorn

    sys.modules["config"] = types.ModuleType("config")
    sys.modules["config"].__path__ = []  # a folder without an asgi.py: the wrong one
    uvicorn.Config("config.asgi:application", log_config=None).load()


# --8<-- [end:module-not-imported]
