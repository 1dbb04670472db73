"""The benchmarks: `bench/NAME.py`, whose `measure()` returns the document to print."""

import importlib.util
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .. import REPOSITORY
from ..errors import WorkshopError
from ..language import message


def load_benchmark(name: str) -> Callable[[], dict[str, Any]]:
    """Return the `measure` of the benchmark called `name`. Raises WorkshopError where there is none."""
    measure: Callable[[], dict[str, Any]] = benchmark_module(name).measure
    return measure


def benchmark_module(name: str) -> ModuleType:
    """Return the module of a benchmark: another may measure in its way. Raises WorkshopError too."""
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
    return module
