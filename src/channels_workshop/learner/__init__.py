"""What belongs to a learner: workspace, progress, hints, solutions, checks of their work, saves."""

import os
from pathlib import Path

from .. import REPOSITORY

#: Names another folder than `workspace/` in the checkout.
WORKSPACE_VARIABLE = "WORKSHOP_WORKSPACE"


def workspace_root() -> Path:
    """Return the folder that WORKSHOP_WORKSPACE names, else `workspace/` in the checkout."""
    return Path(os.environ.get(WORKSPACE_VARIABLE) or REPOSITORY / "workspace").absolute()
