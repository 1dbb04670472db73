"""Commands and scripts of the project, run while people are connected to its processes."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from channels_workshop.chat_checks.accounts import run_all
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.mismatch import Mismatch
from channels_workshop.processes.options import ServerOptions, project_environment


async def manage(
    project: Path, environment: Mapping[str, str], *commands: Sequence[str]
) -> list[str]:
    """Run each `manage.py COMMAND…` of the project, and return what they have printed.

    Nobody who is connected is held up by that. Raises Mismatch unless all of them succeed.
    """
    return await asyncio.to_thread(run_all, project, commands, environment)


@asynccontextmanager
async def paused_script(
    lesson: Lesson, project: Path, environment: Mapping[str, str], script: str, *arguments: str
) -> AsyncIterator[None]:
    """Run a script of the project up to the line that it prints, and on when the context ends.

    Raises Mismatch where it ends before that, or with another exit code than 0.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, script, *arguments),
        cwd=project,
        env=project_environment(ServerOptions(environment=environment)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        if not await process.stdout.readline():
            raise await _failed(lesson, process, script)
        yield
        process.stdin.write(b"\n")
        process.stdin.close()
        if await process.wait():
            raise await _failed(lesson, process, script)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _failed(lesson: Lesson, process: asyncio.subprocess.Process, script: str) -> Mismatch:
    assert process.stderr
    errors = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    error, code = errors[-1] if errors else "—", await process.wait()
    return Mismatch(
        lesson.message("script_ends", script=script, code=0),
        lesson.message("script_fails", script=script, code=code, error=error),
    )
