"""The workers of a Dask cluster: which there are, and whether they judge as this machine does."""

import time
from collections.abc import Callable, Iterable

import msgspec
from distributed import Client
from distributed.comm.core import CommClosedError

from ..errors import WorkshopError
from ..invocation import command
from ..language import Message, message, verbatim
from . import cluster_worker
from .cluster_worker import Means, Wanted

#: Seconds in which a cluster must have its first worker.
_FIRST = 30.0
#: Seconds for which others are waited for where all have gone.
_PATIENCE = 300.0
#: Seconds between two looks at which there are.
_LOOK = 1.0
#: Differences that are told at a time.
_MOST_TOLD = 5


class Difference(msgspec.Struct, frozen=True):
    """Why a worker must not judge, and what to do about it."""

    what: Message
    mend: Message


class DaskWorkers:
    """Those of a cluster that may judge: they judge by what `ours` says, in the sandbox `wanted`.

    `fit` has their addresses, each with its threads, `at_work_on` the keys of what they have taken.
    `tell` is given what a person should know.
    """

    def __init__(
        self, client: Client, wanted: Wanted, ours: Means, tell: Callable[[Message], None]
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._ours = ours
        self._tell = tell
        self.fit: dict[str, int] = {}
        self.at_work_on: set[str] = set()
        self._unfit: dict[str, list[Difference]] = {}
        self._there: set[str] = set()
        self._next_look = self._last_fit = 0.0

    def have_gone(self, workers: set[str]) -> bool:
        """Return whether none of these `workers` is there any more."""
        return workers.isdisjoint(self._there)

    def why_none(self) -> Message | None:
        """Return why nobody will judge any more, None where somebody may."""
        if self._client.status in ("closing", "closed"):
            return message("The cluster is gone: its scheduler does not answer any more.")
        if not self.fit and time.monotonic() > self._last_fit + _PATIENCE:
            return message("The cluster has had no workers for {n:.0f} s.", n=_PATIENCE)
        return None

    def meet_the_first(self) -> None:
        """Wait for workers. Raises WorkshopError where none come, and where any is unfit."""
        deadline = time.monotonic() + _FIRST
        while not self.fit:
            self._take_note()
            if self._unfit:
                found = [one for differences in self._unfit.values() for one in differences]
                mends = {str(one.mend): one.mend for one in found}
                raise WorkshopError(_lines(one.what for one in found), _lines(mends.values()))
            if time.monotonic() > deadline:
                raise WorkshopError(
                    message("The cluster has no workers."),
                    message("Start some, on each machine: dask worker ADDRESS"),
                )
            time.sleep(_LOOK / 5)

    def look(self) -> None:
        """Take note of who has come and gone, once in a while. One that is unfit is given nothing."""
        now = time.monotonic()
        if now < self._next_look or self._client.status != "running":
            return
        self._next_look = now + _LOOK
        known, could = set(self._unfit), bool(self.fit)
        self._take_note()
        for worker in self._unfit.keys() - known:
            found = [one.what for one in self._unfit[worker]]
            self._tell(_lines([*found, message("It is given nothing to judge.")]))
        if could and not self.fit:
            self._tell(message("All workers have gone: waiting for others."))

    def meet_all_again(self) -> None:
        """Ask all of them what they judge by before they are given anything more."""
        self.fit.clear()
        self._next_look = 0.0

    def _take_note(self) -> None:
        try:
            threads = self._client.nthreads()
            strangers = threads.keys() - self.fit.keys() - self._unfit.keys()
            met = self._meet(sorted(strangers))
            taken = self._client.processing()
        except Exception:  # a scheduler that is out of reach, or goes just now: no news of workers
            return
        self._there = set(threads)
        self.at_work_on = {key for keys in taken.values() for key in keys}
        found = {**self._unfit, **{worker: list(each) for worker, each in met.items() if each}}
        self._unfit = {worker: each for worker, each in found.items() if worker in threads}
        asked = self.fit.keys() | met.keys()
        self.fit = {
            worker: count
            for worker, count in threads.items()
            if worker in asked and worker not in self._unfit
        }
        if self.fit:
            self._last_fit = time.monotonic()

    def _meet(self, workers: list[str]) -> dict[str, list[Difference]]:
        """Return in what each of these workers differs. One that has gone meanwhile is not there."""
        if not workers:
            return {}
        said = self._client.run(
            cluster_worker.introduce,
            msgspec.json.encode(self._wanted),
            workers=workers,
            on_error="return",
        )
        return {
            worker: self._differences(worker, answer)
            for worker, answer in said.items()
            if not isinstance(answer, CommClosedError)
        }

    def _differences(self, worker: str, said: bytes | Exception) -> list[Difference]:
        """Return why a worker that has `said` what it judges by must not judge."""
        mend = message(
            "Each worker needs the commit that is here, and the packages that belong to it: {command}",
            command=command("--with cluster list"),
        )
        try:
            if isinstance(said, Exception):
                raise said
            theirs = msgspec.json.decode(said, type=Means)
        except Exception as error:  # what a worker raises that has no workshop, or an old one
            why = str(error) or type(error).__name__
            what = message("The worker {worker} cannot judge. {why}", worker=worker, why=why)
            return [Difference(what, mend)]
        name = f"{worker} ({theirs.host})"
        packages = [
            message(
                "The worker {worker} has {package} {theirs}, and this machine {ours}.",
                worker=name,
                package=package,
                theirs=theirs.versions.get(package, "—"),
                ours=version,
            )
            for package, version in self._ours.versions.items()
            if theirs.versions.get(package) != version
        ]
        lessons = [
            message(
                "The worker {worker} has {lesson} in the state {theirs}, and this machine {ours}.",
                worker=name,
                lesson=lesson,
                theirs=theirs.stamps.get(lesson, "—")[:8],
                ours=stamp[:8],
            )
            for lesson, stamp in self._ours.stamps.items()
            if theirs.stamps.get(lesson) != stamp
        ]
        # A package in another version is another stamp of every lesson, too.
        found = [Difference(what, mend) for what in packages or lessons]
        if theirs.missing:
            what = message(
                "The worker {worker} has no strong sandbox. {why}", worker=name, why=theirs.missing
            )
            found.append(Difference(what, theirs.mend or mend))
        return found


def _lines(messages: Iterable[Message]) -> Message:
    """Return these sentences as one, a line each; of many, the first."""
    lines = [str(one) for one in messages]
    if len(lines) > _MOST_TOLD:
        lines[_MOST_TOLD:] = [f"… +{len(lines) - _MOST_TOLD}"]
    return verbatim("\n".join(lines))
