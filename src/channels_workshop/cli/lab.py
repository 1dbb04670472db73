"""`lab`: faults in a real set of processes; predict, watch, understand."""

import json

import click

from ..language import _
from .arguments import json_option, verb


@verb(
    "lab",
    _("Break real processes, one fault at a time: predict, watch what happens, read why."),
    epilog=_("Exit code 1: it went otherwise than the explanation says."),
)
@click.argument("fault_id", metavar=_("[FAULT]"), required=False)
@click.option("--list", "lists", is_flag=True, help=_("List the faults."))
@click.option(
    "--answer",
    metavar="N",
    type=click.IntRange(1, 9),
    help=_("Your prediction, where you are not to be asked."),
)
@click.option(
    "--save",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Keep the time line as a recording, which the frame microscope opens."),
)
@json_option
def lab_(
    fault_id: str | None, lists: bool, answer: int | None, save: str | None, as_json: bool
) -> None:
    from pathlib import Path

    from ..processes.supervisor import Supervisor
    from ..stage.lab.document import fault_list, outcome_document
    from ..stage.lab.fault import all_faults, find_fault
    from ..stage.lab.playing import play_fault
    from ..stage.microscope.files import to_file
    from .terminal import lab as terminal

    if fault_id is None or lists:
        if answer is not None or save is not None or (fault_id is not None and lists):
            raise click.UsageError(_("--list goes alone; --answer and --save go with a fault."))
        if as_json:
            print(json.dumps(fault_list(all_faults()), ensure_ascii=False))
        else:
            terminal.show_faults(all_faults())
        return
    fault = find_fault(fault_id)
    if answer is not None and answer > len(fault.about.choices.en):
        raise click.BadParameter(
            _("It has {count} choices.", count=len(fault.about.choices.en)), param_hint="--answer"
        )
    if why := fault.why_skipped():
        if as_json:
            print(json.dumps(outcome_document(fault, None), ensure_ascii=False))
        else:
            terminal.show_skipped(fault, why)
        return
    if not as_json:
        answer = terminal.ask(fault, answer)
    with Supervisor() as supervisor:
        outcome = play_fault(fault, supervisor)
    if save:
        Path(save).write_bytes(to_file(outcome.events))
    if as_json:
        print(json.dumps(outcome_document(fault, outcome), ensure_ascii=False))
    else:
        terminal.show_outcome(fault, outcome, answer)
    if not outcome.is_as_explained:
        raise click.exceptions.Exit(1)
