"""The benchmarks: `bench/NAME.py`, whose `measure()` returns the document to print."""

import importlib.util
from collections.abc import Callable
from typing import Any

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import message


def load_benchmark(name: str) -> Callable[[], dict[str, Any]]:
    """Return the `measure` of the benchmark called `name`. Raises WorkshopError where there is none."""
    folder = REPOSITORY / "bench"
    names = sorted(path.stem for path in folder.glob("*.py"))
    if name not in names:
        raise WorkshopError(
            message("There is no benchmark “{name}”.", name=name),
            message("The benchmarks are: {names}.", names=", ".join(names)),
        )
    spec = importlib.util.spec_from_file_location(f"bench_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.measure
