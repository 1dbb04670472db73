"""The kernel that every notebook names: this environment's Python, under a name of its own.

Its description lies inside `.venv`, where JupyterLab, VS Code and PyCharm find it.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path

from .source import KERNEL, KERNEL_TITLE


def install_kernel() -> None:
    """Describe the kernel to whoever looks for one in this environment; again after it was moved."""
    path = Path(sys.prefix, "share", "jupyter", "kernels", KERNEL, "kernel.json")
    # Not each time: somebody may be reading it in this moment.
    with suppress(OSError, ValueError, LookupError):
        if json.loads(path.read_text(encoding="utf-8"))["argv"][0] == sys.executable:
            return
    from ipykernel.kernelspec import install

    install(kernel_name=KERNEL, display_name=KERNEL_TITLE, prefix=sys.prefix)
