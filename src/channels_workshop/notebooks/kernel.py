"""The kernel that every notebook names: this environment's Python, under a name of its own.

Its description lies inside `.venv`, where JupyterLab, VS Code and PyCharm find it.
"""

import sys

from .source import KERNEL, KERNEL_TITLE


def install_kernel() -> None:
    """Describe the kernel to whoever looks for one in this environment."""
    from ipykernel.kernelspec import install

    install(kernel_name=KERNEL, display_name=KERNEL_TITLE, prefix=sys.prefix)
