"""What a project needs beside it: started when a lesson first needs it, ended with its user."""

from contextlib import ExitStack

from ..course.lesson import Lesson
from ..processes.redis import VARIABLE, PeoplesRedis, redis_for_people


class Services:
    """The services of the projects that one verb serves. Use it as a context manager.

    `redis` is None until a lesson has needed one.
    """

    def __init__(self) -> None:
        self.redis: PeoplesRedis | None = None
        self._kept = ExitStack()

    def environment(self, lesson: Lesson) -> dict[str, str]:
        """Return the variables by which `lesson`'s project finds what its lesson.toml asks for.

        Raises WorkshopError where it does not start.
        """
        if "redis" not in lesson.about.services:
            return {}
        if self.redis is None:
            self.redis = self._kept.enter_context(redis_for_people())
        return {VARIABLE: self.redis.url}

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *exception: object) -> None:
        self._kept.close()
        self.redis = None
