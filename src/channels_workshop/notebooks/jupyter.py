"""JupyterLab, opened on a learner's copies: on this machine alone, and ended with whoever opened it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import WorkshopError
from ..language import Language, message
from ..processes.children import FailedToStart
from ..processes.supervised import start_until_ready, stop_supervised
from .kernel import install_kernel

#: What JupyterLab prints once it accepts: its address, with the password of this one start.
_READY = re.compile(rb"(http://127\.0\.0\.1:\d+/)lab\S*?(\?token=\w+)")

#: What differs here from its usual settings; a learner's own come first. It asks no network for news,
#: neither of itself nor of its extensions, and is light or dark as everything else on the machine.
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}


@dataclass(frozen=True)
class JupyterLab:
    """A running JupyterLab; `address` opens the wanted notebook, whoever knows it may."""

    address: str
    process: "subprocess.Popen[bytes]"

    def wait(self) -> int:
        """Return its exit code once it has ended."""
        return self.process.wait()


@contextmanager
def jupyter_lab(folder: Path, notebook: Path | None, language: Language) -> Iterator[JupyterLab]:
    """Serve the notebooks in `folder` on a free loopback port, kernels speaking `language`.

    It ends with the context, and with this process, and its kernels with it. Raises WorkshopError.
    """
    install_kernel()
    _settle()
    command = [
        *(sys.executable, "-P", "-m", "jupyterlab", "--no-browser"),
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        "--ServerApp.terminals_enabled=False",
        "--allow-root",  # in a container there is nobody else
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=",
        "--KernelSpecManager.ensure_native_kernel=False",
        "--KernelSpecManager.allowed_kernelspecs=channels-workshop",
    ]
    environment = os.environ | {"WORKSHOP_LANG": language}
    log = folder.parent / ".jupyter.log"
    log.unlink(missing_ok=True)
    log.touch(mode=0o600)  # it holds the password
    try:
        process, found = start_until_ready(command, _READY, log=log, environment=environment)
    except FailedToStart as failed:
        raise WorkshopError(
            message("JupyterLab did not start."), failed.printed.strip()[-2_000:]
        ) from None
    place = f"lab/tree/{notebook.relative_to(folder).as_posix()}" if notebook else "lab"
    try:
        yield JupyterLab(f"{found[1].decode()}{place}{found[2].decode()}", process)
    finally:
        stop_supervised(process)


def _settle() -> None:
    """Have the JupyterLab of this environment begin with `_SETTINGS`."""
    path = Path(sys.prefix, "share", "jupyter", "lab", "settings", "overrides.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_SETTINGS), encoding="utf-8")
