"""Which folder holds a learner's work."""

import os
from pathlib import Path

from .. import REPOSITORY

#: Names another folder than `workspace/` in the checkout.
VARIABLE = "WORKSHOP_WORKSPACE"


def workspace_root() -> Path:
    """Return the folder that WORKSHOP_WORKSPACE names, else `workspace/` in the checkout."""
    return Path(os.environ.get(VARIABLE) or REPOSITORY / "workspace").absolute()
