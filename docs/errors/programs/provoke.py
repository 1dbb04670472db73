"""Runs what provokes an error of the dictionary: `python provoke.py no-handler`, in any folder.

With `--all` and ids it runs each in a process of its own and prints JSON: what each one printed.
"""

import asyncio
import importlib
import inspect
import json
import os
import re
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
#: Seconds after which a program has failed to provoke anything.
LIMIT = 30

#: What many programs import, and what asks for no settings yet.
PRELOADED = ["playground", "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"]
PRELOADED += [
    "channels.generic.websocket",
    "channels.routing",
    "channels.layers",
    "channels.testing",
]
PRELOADED += ["channels_redis.core", "channels_redis.pubsub", "redis.asyncio", "httpx"]
PRELOADED += ["django.core.asgi", "django.core.handlers.asgi", "django.core.management"]
PRELOADED += ["django.db.models", "django.db.backends.sqlite3.base", "django.template.loader"]

#: What differs from run to run, and how it is marked on the page.
_VARIES = [
    (r"127\.0\.0\.1:\d{4,5}\b", "127.0.0.1:PORT"),
    (r"\('127\.0\.0\.1', \d{4,5}\)", "('127.0.0.1', PORT)"),
    (r"0x[0-9a-f]{6,}", "0x…"),
    (r"specific\.[0-9a-zA-Z]+!\w+", "specific.…"),
    (r"inmemory!\w+", "inmemory!…"),
    (r"/[^\s'\"]*/(site-packages|python3\.\d+)/", "…/"),
    (rf"{re.escape(str(FOLDER))}/", ""),
    (r"Task-\d+", "Task-N"),
    (r"/tmp/tmp\w+/", "…/"),
    (r"(?<=Signature age )[\d.e-]+", "…"),
    (r"(?<=running at )[^\s'\">]+:\d+", "…"),
    (r"(?<=defined at )[^\s'\">]+:\d+", "…"),
]


def programs() -> dict[str, str]:
    """Return the ids of all programs, each with the module that it is in."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        if path.name not in ("playground.py", "provoke.py"):
            text = path.read_text(encoding="utf-8")
            for name in re.findall(r"^# --8<-- \[start:([\w-]+)\]", text, re.MULTILINE):
                found[name] = path.stem
    return found


def without_what_varies(printed: str) -> list[str]:
    """Return the printed lines, with ports, addresses and names of one run replaced."""
    for pattern, mark in _VARIES:
        printed = re.sub(pattern, mark, printed)
    return [line.rstrip() for line in printed.strip().splitlines()]


def provoke(error_id: str) -> None:
    """Run one program in this process; the exception that leaves it is printed."""
    from playground import print_logs

    print_logs()
    function = getattr(importlib.import_module(programs()[error_id]), error_id.replace("-", "_"))
    try:
        result = function()
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except (Exception, SystemExit) as error:
        print("".join(traceback.format_exception_only(error)).strip())


def provoke_all(error_ids: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Run each in a fork of this process, where everything is imported; yield what it printed."""
    for name in PRELOADED:
        importlib.import_module(name)
    for error_id in error_ids:
        with tempfile.TemporaryFile() as printed:
            child = os.fork()
            if not child:
                _in_the_child(error_id, printed.fileno())
            began = time.perf_counter()
            _wait_for(child)
            print(error_id, f"{time.perf_counter() - began:.2f}", file=sys.stderr)
            printed.seek(0)
            yield error_id, without_what_varies(printed.read().decode("utf-8", "replace"))


def _in_the_child(error_id: str, output: int) -> None:
    status = 1
    try:
        os.setpgid(0, 0)  # so that whatever it starts ends with it
        os.dup2(output, 1)
        os.dup2(output, 2)
        provoke(error_id)
        sys.stdout.flush()
        status = 0
    finally:
        if status:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(status)


def _wait_for(child: int) -> None:
    process = os.pidfd_open(child)
    try:
        if not select.select([process], [], [], LIMIT)[0]:
            os.killpg(child, signal.SIGKILL)
    finally:
        os.waitpid(child, 0)
        os.close(process)


if __name__ == "__main__":
    if sys.argv[1] == "--all":
        began = time.perf_counter()
        every = dict(provoke_all(sys.argv[2:] or list(programs())))
        print(json.dumps(every, ensure_ascii=False, indent=1))
        print(f"{time.perf_counter() - began:.1f} s", file=sys.stderr)
    else:
        provoke(sys.argv[1])
