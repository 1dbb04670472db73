"""The command line: one verb is one short function, and knows nothing of its own.

`main` chooses the language before anything is imported that speaks, then lets click find the verb.
Exit codes: 0 done or passed, 1 checks failed, 2 wrong usage or environment.
"""

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
    wanted, arguments = _language_first(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a pipe may know no ✓
    language.speak(language.choose(wanted))
    import click

    try:
        code = _command_line().main(arguments, prog_name="workshop.py", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        if "--json" in arguments:
            _print_document(error.format_message())
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


def _language_first(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Return the language asked for anywhere in `arguments`, and these with it in front.

    Looked for by hand: click's own help is already in that language.
    """
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            rest = arguments[:position] + arguments[position + 1 :]
            return argument.partition("=")[2], [argument, *rest]
        if argument == "--lang" and position + 1 < len(arguments):
            rest = arguments[:position] + arguments[position + 2 :]
            return arguments[position + 1], ["--lang", arguments[position + 1], *rest]
    return None, arguments


def _command_line():
    import click

    class Verbs(click.Group):
        """Loads a verb's module when it is asked for: a cold start stays quick."""

        def list_commands(self, ctx):
            return list(VERBS)

        def resolve_command(self, ctx, args):
            try:
                return super().resolve_command(ctx, args)
            except click.exceptions.NoSuchCommand as unknown:
                # click looks for what may be meant only among what is loaded.
                name = unknown.command_name
                raise click.exceptions.NoSuchCommand(name, possibilities=VERBS, ctx=ctx) from None

        def get_command(self, ctx, name):
            if name not in VERBS:
                return None
            module = import_module(f".{VERBS[name]}", __package__)
            return getattr(module, f"{name}_")

    @click.group(
        cls=Verbs,
        invoke_without_command=True,
        help=_("The Django Channels workshop. Without a verb: up."),
    )
    @click.option("--lang", type=click.Choice(language.LANGUAGES), help=_("Language to speak."))
    @click.version_option(package_name=None, version=_version(), prog_name="workshop")
    @click.pass_context
    def workshop(context, lang):
        if context.invoked_subcommand is None:
            command = context.command.get_command(context, DEFAULT_VERB)
            context.exit(command.main([], prog_name="workshop.py up", standalone_mode=False) or 0)

    return workshop


def _version() -> str:
    from .. import __version__

    return __version__


def _say_trouble(trouble: Trouble, as_json: bool) -> None:
    if as_json:
        _print_document(trouble.message, trouble.mend)
    from .output import errors

    errors.print(trouble.message, style="bold red", markup=False)
    if trouble.mend:
        errors.print(trouble.mend, markup=False)


def _print_document(message: str, mend: str = "") -> None:
    """Print the one document that `--json` promises, where there is nothing but trouble."""
    import json

    document = {"version": 1, "status": "error", "message": message, "mend": mend}
    print(json.dumps(document, ensure_ascii=False))
