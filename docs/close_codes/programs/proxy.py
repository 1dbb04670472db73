"""A real nginx in front of a server, on loopback, with as little configuration as it takes."""

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from channels_workshop.judging.needs import find_nginx
from channels_workshop.processes.ports import free_port
from channels_workshop.processes.supervised import start_until_ready, stop_supervised

_UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
#: What it logs once somebody is there to accept.
_READY = re.compile(rb"start worker process ")
_FOLDERS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


def _configuration(folder: Path, port: int, server: int, headers: str, read_timeout: str) -> str:
    folders = "".join(f"{name}_temp_path {folder}/{name};\n" for name in _FOLDERS)
    return f"""
        pid {folder}/pid;
        error_log stderr notice;
        daemon off;
        worker_processes 1;
        events {{ }}
        http {{
            access_log off;
            {folders}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://127.0.0.1:{server};
                    proxy_http_version 1.1;
                    proxy_read_timeout {read_timeout};
                    {headers}
                }}
            }}
        }}
    """


def _new_folder(port: int, server: int, headers: str, read_timeout: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="workshop-"))
    folder.chmod(0o711)  # started by root, it works as somebody else
    text = _configuration(folder, port, server, headers, read_timeout)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return folder


@contextlib.asynccontextmanager
async def nginx(
    server: int, *, upgrades: bool = True, read_timeout: str = "60s"
) -> AsyncIterator[int]:
    """Run nginx in front of the server at a port; give the port that it listens on."""
    port = free_port()
    headers = _UPGRADE if upgrades else ""
    folder = _new_folder(port, server, headers, read_timeout)
    command = [str(find_nginx()), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process, _ready = await asyncio.to_thread(start_until_ready, command, _READY)
    try:
        yield port
    finally:
        await asyncio.to_thread(stop_supervised, process)
        shutil.rmtree(folder, ignore_errors=True)
