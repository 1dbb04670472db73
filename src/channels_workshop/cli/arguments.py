"""What a person types after a verb, turned into what the rooms below understand."""

from collections.abc import Callable
from typing import Any

import click

from ..course.lesson import Lesson
from ..course.lessons import find_lesson, lesson_folders
from ..language import _

_Function = Callable[..., Any]


def verb(name: str, help: str, **settings: Any) -> Callable[[_Function], click.Command]:
    """Make a function the verb `name`, like `click.command`; `help` is never cut short."""
    return click.command(
        name, help=help, short_help=help, options_metavar=_("[OPTIONS]"), **settings
    )


class LessonName(click.ParamType[Lesson]):
    """A lesson, as `3`, `03` or `03_chat_consumer`."""

    name = "NN"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Lesson:
        return value if isinstance(value, Lesson) else find_lesson(str(value))

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        names = ", ".join(folder.name for folder in lesson_folders())
        return _("Say which lesson: {names}.", names=names)


LESSON = LessonName()

lesson_argument = click.argument("lesson", metavar="NN", type=LESSON)
task_argument = click.argument("task", metavar=_("[TASK]"), required=False)
at_option = click.option(
    "--at",
    metavar=_("TASK"),
    help=_("Start at this task, with those before it done."),
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))
