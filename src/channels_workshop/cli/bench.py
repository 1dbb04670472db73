"""`bench`: a benchmark."""

import json

import click

from ..language import _
from .arguments import json_option, verb


@verb("bench", _("Measure speed, compared with a peer in the same run."))
@click.argument("name", metavar=_("NAME"))
@json_option
def bench_(name: str, as_json: bool) -> None:
    from ..upkeep.benchmarks import load_benchmark
    from .terminal.upkeep import show_rows

    document = load_benchmark(name)()
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_rows(document)
