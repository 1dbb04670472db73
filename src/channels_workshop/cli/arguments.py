"""What a person types after a verb, turned into what the rooms below understand."""

import click

from ..course.catalogue import find_lesson, lesson_folders
from ..course.lesson import Lesson
from ..language import _


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
