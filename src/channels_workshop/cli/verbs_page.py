"""The page of the verbs, made from the verbs themselves: what their `--help` says, in both languages.

A verb's words are chosen when its module is imported. So each language is spoken by a process of its
own, which is this module run with the language as its argument.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from .. import REPOSITORY
from ..authoring.tables import replace_tables
from ..invocation import VARIABLE, command
from ..language import Language, _, speak
from .command_line import VERBS, workshop_command


def write_verbs(check: bool = False, root: Path = REPOSITORY) -> list[Path]:
    """Write the page in both languages; return what has changed, or with `check` what should."""
    names = {language: f"docs/{language}/reference/verbs.md" for language in get_args(Language)}
    return [
        root / name
        for language, name in names.items()
        if replace_tables(name, {"verbs": _lines_in(language)}, check, root)
    ]


def _lines_in(language: Language) -> list[str]:
    variables = {name: value for name, value in os.environ.items() if name != VARIABLE}
    run = subprocess.run(
        [sys.executable, "-m", __spec__.name, language],
        stdout=subprocess.PIPE,
        check=True,
        encoding="utf-8",
        env=variables | {"PYTHONUTF8": "1"},
    )
    return run.stdout.splitlines()


def verb_lines() -> Iterator[str]:
    """Yield what stands on the page, in the language that is spoken."""
    group = workshop_command()
    with group.make_context(command(""), [], resilient_parsing=True) as context:
        yield ""
        yield from _options(group, context)
        for name in VERBS:
            verb = group.get_command(context, name)
            assert verb
            yield from _about(verb, context)


def _about(verb: click.Command, parent: click.Context) -> Iterator[str]:
    name = str(verb.name)
    yield from (f"## {name} {{ #{name} }}", "", str(verb.help), "")
    with verb.make_context(command(name), [], parent=None, resilient_parsing=True) as context:
        usage = " ".join([context.info_name or "", *verb.collect_usage_pieces(context)])
        yield from ("```console", usage, "```", "")
        yield from _options(verb, context)
    if verb.epilog:
        yield from (verb.epilog, "")


def _options(verb: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a table of the options, `--help` aside, which all have; nothing where there are none."""
    options = [one for one in verb.params if isinstance(one, click.Option)]
    records = [record for one in options if (record := one.get_help_record(context))]
    rows = [f"| `{spelt}` | {' '.join(told.split())} |" for spelt, told in records]
    if rows:
        yield from (f"| {_('Option')} | {_('What it does')} |", "|---|---|", *rows, "")


if __name__ == "__main__":
    speak("ru" if sys.argv[1] == "ru" else "en")
    print("\n".join(verb_lines()))
