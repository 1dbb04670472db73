"""The command line: one verb is one short function, and knows nothing of its own.

`main` chooses the language before anything is imported that speaks, then lets click find the verb.
Exit codes: 0 done or passed, 1 checks failed, 2 wrong usage or environment.
"""

import os
import sys
from importlib import import_module

from .. import language
from ..language import _
from ..trouble import Trouble

#: Each verb and the module of this package that holds its function.
VERBS = {
    "up": "opening",
    "list": "reading",
    "start": "desk",
    "run": "opening",
    "check": "judging",
    "hint": "reading",
    "solution": "reading",
    "diff": "desk",
    "reset": "desk",
    "verify": "judging",
    "bench": "measuring",
    "doctor": "measuring",
    "test": "measuring",
}
#: The main job, where no verb is named.
DEFAULT_VERB = "up"


def main() -> None:
    """Run the verb in sys.argv and exit with its code."""
    arguments = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a pipe may know no ✓
    language.speak(language.choose(_wanted_language(arguments)))
    import click

    try:
        code = _command_line().main(
            arguments or [DEFAULT_VERB], prog_name="workshop.py", standalone_mode=False
        )
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except Trouble as trouble:
        _say_trouble(trouble, as_json="--json" in arguments)
        code = 2
    except OSError as error:
        # A full disk, a read-only folder: the system's own words name the cause.
        _say_trouble(_trouble_with_system(error), as_json="--json" in arguments)
        code = 2
    except (KeyboardInterrupt, click.Abort):
        code = 130
    sys.stdout.flush()
    sys.exit(code if isinstance(code, int) else 0)


def _trouble_with_system(error: OSError) -> Trouble:
    place = f": {error.filename}" if error.filename else ""
    return Trouble(
        _("The system refuses: {why}{place}", why=error.strerror or error, place=place),
        _("Nothing of yours was changed. Mend that and try again."),
    )


def _wanted_language(arguments: list[str]) -> str | None:
    # Looked for by hand: click's own help is already in the language.
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
    return None


def _command_line():
    import click

    class Verbs(click.Group):
        """Loads a verb's module when it is asked for: a cold start stays quick."""

        def list_commands(self, ctx):
            return list(VERBS)

        def get_command(self, ctx, name):
            if name not in VERBS:
                return None
            module = import_module(f".{VERBS[name]}", __package__)
            return getattr(module, f"{name}_")

    @click.group(cls=Verbs, help=_("The Django Channels workshop. Without a verb: up."))
    @click.option("--lang", type=click.Choice(language.LANGUAGES), help=_("Language to speak."))
    @click.version_option(package_name=None, version=_version(), prog_name="workshop")
    def workshop(lang):
        pass

    return workshop


def _version() -> str:
    from .. import __version__

    return __version__


def _say_trouble(trouble: Trouble, as_json: bool) -> None:
    if as_json:
        import json

        document = {
            "version": 1,
            "status": "error",
            "message": trouble.message,
            "mend": trouble.mend,
        }
        print(json.dumps(document, ensure_ascii=False))
    from .output import errors

    errors.print(trouble.message, style="bold red", markup=False)
    if trouble.mend:
        errors.print(trouble.mend, markup=False)


def language_of_this_process() -> dict[str, str]:
    """Return the environment that makes a child process speak the same language."""
    return {**os.environ, "WORKSHOP_LANG": language.current()}
