"""Finds the verb that was typed, runs it, and turns what it raises into words and an exit code.

`main` chooses the language before anything is imported that speaks, then lets click find the verb.
Exit codes: 0 done or passed, 1 checks failed, 2 wrong usage or environment.
"""

import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .. import language
from ..errors import WorkshopError
from ..invocation import command
from ..language import Message, _

if TYPE_CHECKING:
    import click

#: Each verb is the function `VERB_` of the module that is named like it.
VERBS = [
    "up",
    "list",
    "start",
    "run",
    "check",
    "hint",
    "solution",
    "diff",
    "reset",
    "notebook",
    "error",
    "demo",
    "lab",
    "class",
    "verify",
    "grade",
    "tables",
    "bench",
    "kit",
    "doctor",
    "test",
]
#: The main job, where no verb is named.
DEFAULT_VERB = "up"


def main() -> None:
    """Run the verb in sys.argv and exit with its code."""
    wanted, arguments = _language_first(sys.argv[1:])
    if "check" in arguments[:3] and "--help" not in arguments:
        from . import judging_process

        judging_process.start_early()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a pipe may know no ✓
    language.speak(language.choose(wanted))
    import click

    as_json = "--json" in arguments
    try:
        code = workshop_command().main(arguments, prog_name=command(""), standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        _show_usage_error(error, as_json)
        code = 2
    except WorkshopError as error:
        _show_error(error, as_json)
        code = 2
    except BrokenPipeError:  # `check 3 | head`: nobody reads it any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    except OSError as error:  # a full disk, a read-only folder: its own words name the cause
        _show_error(_as_workshop_error(error), as_json)
        code = 2
    except (KeyboardInterrupt, click.Abort):
        code = 130
    finally:
        _close_judging_process()
    sys.stdout.flush()
    sys.exit(code if isinstance(code, int) else 0)


def _close_judging_process() -> None:
    # Started early for `check`, which may not have come to use it: wrong usage, say.
    if module := sys.modules.get(f"{__package__}.judging_process"):
        module.close()


def _as_workshop_error(error: OSError) -> WorkshopError:
    why = error.strerror or str(error)
    text = f"{error.filename}: {why}" if error.filename else why
    return WorkshopError(text, _("Fix that and try again."))


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


def workshop_command() -> "click.Group":
    """Return the command line, with all its verbs, in the language that is spoken."""
    import click

    class Verbs(click.Group):
        """Loads a verb's module when it is asked for: a cold start stays quick."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            return VERBS

        def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
            try:
                return super().resolve_command(ctx, args)
            except click.exceptions.NoSuchCommand as unknown:
                # click looks for what may be meant only among what is loaded.
                name = unknown.command_name
                raise click.exceptions.NoSuchCommand(name, possibilities=VERBS, ctx=ctx) from None

        def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
            if name not in VERBS:
                return None
            module = import_module(f".{name}", __package__)
            return getattr(module, f"{name}_")

    @click.group(
        cls=Verbs,
        invoke_without_command=True,
        help=_("The Django Channels workshop. Without a verb: up."),
        options_metavar=_("[OPTIONS]"),
        subcommand_metavar=_("VERB …"),
    )
    @click.option("--lang", type=click.Choice(language.LANGUAGES), help=_("Language to speak."))
    @click.version_option(package_name=None, version=_version(), prog_name="workshop")
    @click.pass_context
    def workshop(context: click.Context, lang: str | None) -> None:
        if context.invoked_subcommand is None:
            verb = context.command.get_command(context, DEFAULT_VERB)  # type: ignore[attr-defined]
            name = command(DEFAULT_VERB)
            context.exit(verb.main([], prog_name=name, standalone_mode=False) or 0)

    return workshop


def _version() -> str:
    from .. import __version__

    return __version__


def _show_usage_error(error: "click.ClickException", as_json: bool) -> None:
    if as_json:
        _print_document(error.format_message())
    from .terminal.console import errors, say

    text = io.StringIO()
    error.show(file=text)
    say(text.getvalue().rstrip(), to=errors)


def _show_error(error: WorkshopError, as_json: bool) -> None:
    if as_json:
        _print_document(error.message, error.fix)
    from .terminal.console import errors, say

    say(str(error.message), style="bold red", to=errors)
    if str(error.fix):
        say(str(error.fix), to=errors)


def _print_document(message: Message | str, fix: Message | str = "") -> None:
    """Print the one document that `--json` promises, where there is nothing but an error."""
    import json

    document = {"version": 1, "status": "error", "message": str(message), "fix": str(fix)}
    print(json.dumps(document, ensure_ascii=False))
