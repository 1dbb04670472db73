"""The finished chat, as it is operated: two processes and a Redis of their own, to be broken.

Both serve one project with one database. The log of each is a file: the first lines say where.
"""

import cmd
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.processes.management import run_commands
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.ports import address_of, free_port, listen
from channels_workshop.processes.project import ProjectProcess
from channels_workshop.processes.redis import start_redis

#: Where they listen. With 0 as its argument the program takes free ports.
PORTS = {"one": 8001, "two": 8002}
if sys.argv[1:] == ["0"]:
    PORTS = {name: free_port() for name in PORTS}
#: Seconds for which Redis is away where nobody says otherwise.
AWAY = 10
#: Seconds that a process has to end by itself when it is asked to.
GRACE = 10


class Chat(cmd.Cmd):
    """Reads commands, one a line; `cmd` of the standard library calls `do_…` for each."""

    prompt = "> "
    intro = "kill, start, restart, away, announce TEXT, quit"

    def __init__(self, room):
        super().__init__()
        self.project = room / "chat"
        lesson = find_lesson("06")
        write_project(lesson, self.project)
        lay_further(lesson, "operate", self.project)  # which says so when Redis is away
        self.redis = start_redis()
        self.manage("migrate", "--verbosity", "0")
        print(self.manage("demo"))
        self.processes = {}
        for name in PORTS:
            self.start(name)

    @property
    def environment(self):
        seconds = {k: v for k, v in os.environ.items() if k == "PRESENCE_SECONDS"}
        return {"REDIS_URL": self.redis.url, **seconds}

    def manage(self, *command):
        (ran,) = run_commands(self.project, [command], self.environment)
        return ran.printed.rstrip() or ran.errors.rstrip()

    def start(self, name):
        log = self.project.with_name(f"{name}.log")
        with listen(PORTS[name]) as listener:
            process = self.processes[name] = ProjectProcess(listener)
            address = address_of(listener)
        process.load(self.project, log, ServerOptions(environment=self.environment))
        process.serve()
        print(f"{name}: {address}chat/tea/ (it prints to {log})", flush=True)

    def do_kill(self, _line):
        """Kill process two, as `kill -9` does."""
        self.processes["two"].kill()
        print("two is killed", flush=True)

    def do_start(self, _line):
        """Start process two again."""
        self.processes["two"].kill()
        self.start("two")

    def do_restart(self, _line):
        """Ask process two to end, as a deployment does, and start it again."""
        self.processes["two"].end(GRACE)
        self.start("two")

    def do_away(self, line):
        """Take Redis away for ten seconds, or for as many as are named: away 60"""
        seconds = float(line or AWAY)
        self.redis.stop()
        print(f"Redis is away for {seconds:g} seconds", flush=True)
        time.sleep(seconds)
        self.redis = start_redis(self.redis.port)
        print("Redis is back, and empty", flush=True)

    def do_announce(self, text):
        """Tell the room “tea” something: manage.py announce tea TEXT"""
        print(self.manage("announce", "tea", text) or "told", flush=True)

    def do_quit(self, _line):
        """End all of it."""
        return True

    do_EOF = do_quit

    def emptyline(self):
        """Do nothing: by default the last command would be repeated."""

    def end(self):
        for process in self.processes.values():
            process.kill()
        self.redis.stop()


def main():
    with ExitStack() as kept:
        room = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        room = Path(kept.enter_context(room)).resolve()
        chat = Chat(room)
        kept.callback(chat.end)
        chat.cmdloop()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit()
