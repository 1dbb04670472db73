"""A fault of the lab: its words, its mechanics, and what is needed to play it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import msgspec

from ...course.toml_file import read
from ...course.words import WordList, Words
from ...errors import WorkshopError
from ...language import Message, message
from .fault_needs import Need, why_not
from .scene import Scene
from .seen import Seen

_FOLDER = Path(__file__).with_name("faults")


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said about a fault. `answer` is the number of the right one of the `choices`, from 1."""

    order: int
    title: Words
    setting: Words
    question: Words
    choices: WordList
    answer: int
    explanation: Words

    def __post_init__(self) -> None:
        if not 1 <= self.answer <= len(self.choices.en):
            raise ValueError("`answer` is the number of one of the choices")


@dataclass(frozen=True)
class Fault:
    """One fault, by the name of its files."""

    id: str
    about: About
    needs: tuple[Need, ...]
    play: Callable[[Scene], Awaitable[None]]
    claims: Callable[[Seen], Mapping[str, bool]]

    def why_skipped(self) -> Message | None:
        """Return what is missing here to play it, None where nothing is."""
        return next((why for need in self.needs if (why := why_not(need))), None)


def all_faults() -> list[Fault]:
    """Return the faults in their order."""
    names = [path.stem for path in _FOLDER.glob("*.toml")]
    return sorted(map(_load, names), key=lambda fault: fault.about.order)


def find_fault(name: str) -> Fault:
    """Return the fault called `name`. Raises WorkshopError, with the list, where there is none."""
    faults = {fault.id: fault for fault in all_faults()}
    if name not in faults:
        raise WorkshopError(
            message("The lab has no fault “{name}”.", name=name),
            message("It has: {names}.", names=", ".join(faults)),
        )
    return faults[name]


def _load(name: str) -> Fault:
    module = import_module(f".faults.{name}", __package__)
    about = read(_FOLDER / f"{name}.toml", About)
    return Fault(name, about, getattr(module, "NEEDS", ()), module.play, module.claims)
