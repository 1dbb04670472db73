"""The real nginx before running servers, by the very nginx.conf that a lesson deploys.

Only what belongs to another place is replaced: the port that it listens on, the addresses of the
servers behind it, and the folders for its files, which are our own, so that no root is needed.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..language import _
from ..trouble import Trouble
from .announced import start_announced
from .guarded import stop_guarded
from .redis import free_port
from .server import Server
from .starting import FailedToStart

_LISTEN = re.compile(r"^(\s*listen\s+)80(?=[\s;])", re.MULTILINE)
_BACKEND = re.compile(r"^(\s*server\s+)[\w.-]+:\d+(?=[\s;])", re.MULTILINE)
_HTTP = re.compile(r"^http\s*\{\n", re.MULTILINE)

#: Where nginx would keep what does not fit into memory: else below the system's own folders.
_FOLDERS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]

#: What it logs once the socket listens and somebody is there to accept.
_READY = re.compile(rb"start worker process ")
_IN_USE = "Address already in use"
#: Another program may take the port between our looking and nginx' binding.
_TRIES = 5


class NginxRefuses(Exception):
    """A configuration that cannot be run; `words` says why, in nginx' own where it spoke."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass
class Nginx:
    """A running nginx: what it has logged, access and errors, is in `log`."""

    process: "subprocess.Popen[bytes]"
    port: int
    folder: "tempfile.TemporaryDirectory[str]"
    log: Path

    @property
    def origin(self) -> str:
        """What a page served from here sends as its `Origin`."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End nginx and wait for it; its files are gone then."""
        stop_guarded(self.process)
        self.folder.cleanup()


def start_nginx(configuration: str, servers: Sequence[Server]) -> Nginx:
    """Run nginx with the text of an nginx.conf, before `servers`; return when it accepts.

    It ends with this process, however this ends. Raises NginxRefuses where the configuration is
    wrong, Trouble where there is no nginx.
    """
    program = _installed()
    for _try in range(_TRIES):
        try:
            return _start(program, configuration, servers, free_port())
        except NginxRefuses as refusal:
            if _IN_USE not in refusal.words:
                raise
    raise NginxRefuses(_IN_USE)


def examine(configuration: str, servers: Sequence[Server]) -> str:
    """Return what `nginx -t` says of it. Raises NginxRefuses where that finds it wrong."""
    program = _installed()
    with _new_folder() as name:
        folder = Path(name)
        _write(folder, configuration, servers, free_port())
        run = subprocess.run(
            [*_command(program, folder), "-t"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if run.returncode:
        raise NginxRefuses(run.stderr)
    return run.stderr


def find_nginx() -> Path | None:
    """Return the path of nginx, None where it is not installed."""
    # Debian keeps it where only root's PATH looks.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def _installed() -> Path:
    found = find_nginx()
    if not found:
        raise Trouble(_("nginx is not installed."), _("Install it, then try again."))
    return found


def with_addresses(configuration: str, port: int, servers: Sequence[Server]) -> str:
    """Return an nginx.conf that listens on loopback `port` and passes on to `servers`.

    It has to listen on 80 and name as many servers as there are. Raises NginxRefuses where it
    does not.
    """
    text, count = _LISTEN.subn(rf"\g<1>127.0.0.1:{port}", configuration)
    if count != 1:
        raise NginxRefuses(_("“listen 80” stands there {count} times, not once", count=count))
    addresses = iter(f"{server.host}:{server.port}" for server in servers)
    count, most = len(_BACKEND.findall(text)), len(servers)
    if count != most:
        told = _(
            "{count} servers are named as “server NAME:PORT”, not {most}", count=count, most=most
        )
        raise NginxRefuses(told)
    return _BACKEND.sub(lambda found: found[1] + next(addresses), text)


def _start(program: Path, configuration: str, servers: Sequence[Server], port: int) -> Nginx:
    folder = _new_folder()
    try:
        path = Path(folder.name)
        _write(path, configuration, servers, port)
        log = path / "printed.log"
        process, _ready = start_announced(_command(program, path), _READY, log=log)
        return Nginx(process, port, folder, log)
    except FailedToStart as failed:
        folder.cleanup()
        raise NginxRefuses(failed.traceback) from None
    except BaseException:
        folder.cleanup()
        raise


def _new_folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
    # Started by root, nginx works as somebody else, who has to get to the folders in here.
    Path(folder.name).chmod(0o711)
    return folder


def _write(folder: Path, configuration: str, servers: Sequence[Server], port: int) -> None:
    text = with_addresses(configuration, port, servers)
    folders = "".join(f"{name}_temp_path {name}_temp;\n" for name in _FOLDERS)
    text, count = _HTTP.subn(lambda found: found[0] + folders, text)
    if count != 1:
        raise NginxRefuses(_("no line begins with “http”"))
    (folder / "nginx.conf").write_text(text, encoding="utf-8", newline="\n")


def _command(program: Path, folder: Path) -> list[str]:
    more = "daemon off; pid nginx.pid; error_log stderr notice;"
    # -e: where it complains before it has read what to do with complaints.
    return [str(program), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf", "-g", more]
