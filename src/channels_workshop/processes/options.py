"""How a project is served: the one set of options for the checks, for `up` and for `run`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..course.project import EXAMPLE as EXAMPLE_FILE

#: Of the checking person's environment, what a project needs to run at all.
_PASSED_ON = ["PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH"]

_SETTINGS = "DJANGO_SETTINGS_MODULE"
#: What the lessons' projects call their settings.
OWN_SETTINGS = "config.settings"

#: The ASGI application of a project, and that of a lesson's example.
PROJECT = "config.asgi:application"
EXAMPLE = f"{Path(EXAMPLE_FILE).stem}:application"


@dataclass(frozen=True)
class ServerOptions:
    """How a project is served.

    It sees `environment` and the name of its `settings` (without one it has to name them itself),
    else only what any program needs, or all that this process sees (`inherits_environment`).
    `migrate`: make its database first; `demo`: fill it by the project's own command of that name.
    `refuses_blocking`: a blocking call in the event loop raises BlockingError. `ping_interval` is
    in seconds, as uvicorn's option. Open connections get `goodbye` seconds when the server is ended
    politely. `failure_page`: HTML, in which `{traceback}` is filled in, to serve where the project
    does not start. `databases`: a folder in which migrated databases are kept for the next start.
    `application`: the ASGI application to serve, as `module:attribute`. `in_front`, named alike: what
    to put around it, the outermost last, divided by spaces. That is imported before anything of the
    project, and sees each request first. `own_interpreter`: it is forked from no
    other process, and shares nothing with it, not even the salt of `hash()`, as on another machine.
    """

    settings: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    inherits_environment: bool = False
    migrate: bool = False
    demo: bool = False
    refuses_blocking: bool = False
    ping_interval: float = 20.0
    goodbye: int | None = None
    failure_page: str = ""
    databases: Path | None = None
    application: str = PROJECT
    in_front: str = ""
    own_interpreter: bool = False

    def adding(self, environment: Mapping[str, str]) -> "ServerOptions":
        """Return these options with more variables in the environment."""
        return replace(self, environment={**self.environment, **environment})


def project_environment(options: ServerOptions) -> dict[str, str]:
    """Return the whole environment of a project that is served so."""
    names = list(os.environ) if options.inherits_environment else _PASSED_ON
    passed_on = {name: os.environ[name] for name in names if name in os.environ}
    passed_on.pop(_SETTINGS, None)  # those are of another project
    settings = {_SETTINGS: options.settings} if options.settings else {}
    return {**passed_on, **settings, **options.environment}
