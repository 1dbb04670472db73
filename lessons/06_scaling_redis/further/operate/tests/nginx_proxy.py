"""The real nginx in front of running servers, by the very nginx.conf that the lesson deploys.

Only what belongs to another place is replaced: the port that it listens on, the addresses of the
servers behind it, and the folders for its files, which are our own, so that no root is needed. What it
serves itself, from /srv/static there, is the folder `srv/static` in its `project` here.
"""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from channels_workshop.judging.mismatch import Mismatch, expect
from channels_workshop.judging.needs import find_nginx
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.ports import free_port
from channels_workshop.processes.project import ProjectServer
from channels_workshop.processes.supervised import start_until_ready, stop_supervised

_LISTEN = re.compile(r"^(\s*listen\s+)80(?=[\s;])", re.MULTILINE)
_BACKEND = re.compile(r"^(\s*server\s+)[\w.-]+:\d+(?=[\s;])", re.MULTILINE)
_ROOT = re.compile(r"^(\s*root\s+)/srv(?=;)", re.MULTILINE)
_HTTP = re.compile(r"^http\s*\{\n", re.MULTILINE)

#: Where nginx would keep what does not fit into memory: else below the system's own folders.
_FOLDERS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]

#: What it logs once the socket listens and somebody is there to accept.
_READY = re.compile(rb"start worker process ")
_IN_USE = "Address already in use"
#: Another program may take the port between our looking and nginx' binding.
_TRIES = 5


@dataclass
class Nginx(ProjectServer):
    """A running nginx; its log has both accesses and errors. `project` holds its own files."""

    process: "subprocess.Popen[bytes]"  # type: ignore[assignment]
    folder: "tempfile.TemporaryDirectory[str]" = field(kw_only=True)

    def stop(self) -> None:
        """End nginx and wait for it; its files are gone then."""
        stop_supervised(self.process)
        self.folder.cleanup()


def start_nginx(configuration: str, servers: Sequence[ProjectServer]) -> Nginx:
    """Run nginx with the text of an nginx.conf, in front of `servers`; return when it accepts.

    It ends with this process, however this ends. Raises Mismatch where the configuration is wrong.
    """
    for _try in range(_TRIES):
        try:
            return _start(configuration, servers, free_port())
        except FailedToStart as failed:
            printed = failed.printed
            if _IN_USE not in printed:
                break
    raise _refusal(printed)


def examine(configuration: str, servers: Sequence[ProjectServer]) -> str:
    """Return what `nginx -t` says of it. Raises Mismatch where the configuration is wrong."""
    with _new_folder() as name:
        folder = Path(name)
        _write(folder, configuration, servers, free_port())
        run = subprocess.run(
            [*_command(folder), "-t"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if run.returncode:
        raise _refusal(run.stderr)
    return run.stderr


def _refusal(printed: str) -> Mismatch:
    return Mismatch("nginx -t: ok", printed.strip())


def with_addresses(configuration: str, port: int, servers: Sequence[ProjectServer]) -> str:
    """Return an nginx.conf that listens on loopback `port` and passes on to `servers`.

    It has to listen on 80 and name as many servers as there are. Raises Mismatch where it does not.
    """
    text, count = _LISTEN.subn(rf"\g<1>127.0.0.1:{port}", configuration)
    _stands_there("listen 80;", 1, count)
    _stands_there("server NAME:PORT;", len(servers), len(_BACKEND.findall(text)))
    addresses = iter(f"{server.host}:{server.port}" for server in servers)
    return _BACKEND.sub(lambda found: found[1] + next(addresses), text)


def _stands_there(what: str, times: int, count: int) -> None:
    expect(f"nginx.conf: {times} × “{what}”", f"nginx.conf: {count} × “{what}”")


def _start(configuration: str, servers: Sequence[ProjectServer], port: int) -> Nginx:
    folder = _new_folder()
    try:
        path = Path(folder.name)
        _write(path, configuration, servers, port)
        log = path / "printed.log"
        process, _ready = start_until_ready(_command(path), _READY, log=log)
        return Nginx(process, port, path, log, folder=folder)
    except BaseException:
        folder.cleanup()
        raise


def _new_folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
    # Started by root, nginx works as somebody else, who has to get to the folders in here.
    Path(folder.name).chmod(0o711)
    return folder


def _write(folder: Path, configuration: str, servers: Sequence[ProjectServer], port: int) -> None:
    text = with_addresses(configuration, port, servers)
    text = _ROOT.sub(r"\g<1>srv", text)
    folders = "".join(f"{name}_temp_path {name}_temp;\n" for name in _FOLDERS)
    text, count = _HTTP.subn(lambda found: found[0] + folders, text)
    _stands_there("http {", 1, count)
    (folder / "nginx.conf").write_text(text, encoding="utf-8", newline="\n")


def _command(folder: Path) -> list[str]:
    program = find_nginx()
    assert program, "ask `why_missing` first"
    more = "daemon off; pid nginx.pid; error_log stderr notice;"
    # -e: where it complains before it has read what to do with complaints.
    return [str(program), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf", "-g", more]
