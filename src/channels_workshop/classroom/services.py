"""What a project wants beside it: started when a lesson first needs it, ended with its user."""

from collections.abc import Callable
from contextlib import ExitStack

from ..course.lesson import Lesson
from ..serving.redis import VARIABLE, PeoplesRedis, redis_for_people


class Services:
    """The services of the projects that one verb serves. Use it as a context manager.

    `told` is called once, when there is a Redis, with what it is.
    """

    def __init__(self, told: Callable[[PeoplesRedis], None]) -> None:
        self._told = told
        self._redis: PeoplesRedis | None = None
        self._kept = ExitStack()

    def environment(self, lesson: Lesson) -> dict[str, str]:
        """Return the variables by which `lesson`'s project finds what its lesson.toml asks for.

        Raises Trouble where it cannot be had.
        """
        if "redis" not in lesson.about.services:
            return {}
        if self._redis is None:
            self._redis = self._kept.enter_context(redis_for_people())
            self._told(self._redis)
        return {VARIABLE: self._redis.url}

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *exception: object) -> None:
        self._kept.close()
        self._redis = None
