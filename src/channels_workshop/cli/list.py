"""`list`: the lessons, and how far one is."""

import json

from ..language import _
from .arguments import json_option, verb


@verb("list", _("The lessons, and how far you are."))
@json_option
def list_(as_json: bool) -> None:
    from ..course.lessons import all_lessons
    from ..learner.overview import standings
    from ..learner.progress import Progress
    from ..learner.workspace import Workspace
    from .terminal.learner import show_standings

    found = standings(all_lessons(), Workspace(), Progress())
    if as_json:
        document = {"version": 1, "lessons": [standing.to_json() for standing in found]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        show_standings(found)
