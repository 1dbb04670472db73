"""A real nginx in front of a server, with nothing but what a WebSocket needs, and a short patience."""

import re
import tempfile
from pathlib import Path

from ...judging.needs import find_nginx
from ...processes.children import FailedToStart
from ...processes.ports import free_port
from ...processes.supervised import start_until_ready, stop_supervised

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
  access_log off;
{folders}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{target};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout {read_timeout}s;
    }}
  }}
}}
"""
_FOLDERS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
_READY = re.compile(rb"start worker process ")
#: Another program may take the port between our looking and nginx' binding.
_TRIES = 5


class Nginx:
    """Listens on `port` and passes everything on to `target`. Raises FailedToStart."""

    def __init__(self, target: int, read_timeout: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        file = folder / "nginx.conf"
        for last in reversed(range(_TRIES)):
            self.port = free_port()
            folders = "\n".join(f"  {name}_temp_path {folder}/{name};" for name in _FOLDERS)
            text = _CONFIGURATION.format(
                folder=folder,
                folders=folders,
                port=self.port,
                target=target,
                read_timeout=read_timeout,
            )
            file.write_text(text, encoding="utf-8")
            command = [str(find_nginx()), "-p", str(folder), "-c", str(file), "-e", "stderr"]
            try:
                self._process, _ready = start_until_ready(command, _READY)
                return
            except FailedToStart:
                if not last:
                    self._folder.cleanup()
                    raise

    def stop(self) -> None:
        """End it and wait for it; its files are gone then."""
        stop_supervised(self._process)
        self._folder.cleanup()
