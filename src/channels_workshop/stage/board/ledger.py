"""What the board knows, on disk: learners, and everything that has happened, in order.

One SQLite file, written by all workers. What is committed stays, whoever is killed afterwards; the
pair of a learner and a number stands in it once, so nothing is counted twice.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..access_code import AccessCode
from .limits import MOST_LEARNERS, MOST_REPORTS
from .membership import digest, fits, new_token, number_in, told_apart
from .messages import Done, Report, Reported

#: Seconds that a worker waits for another one that writes.
_PATIENCE = 20

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS learners (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, token TEXT NOT NULL, joined_at REAL NOT NULL
);
-- `number` is the learner's own; it is NULL for what whoever teaches has done.
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, learner INTEGER NOT NULL REFERENCES learners,
    number INTEGER, at REAL NOT NULL, what BLOB NOT NULL, UNIQUE (learner, number)
);
CREATE TABLE IF NOT EXISTS presences (
    connection TEXT PRIMARY KEY, learner INTEGER NOT NULL, until REAL NOT NULL
);
"""

_what = msgspec.json.Decoder(Reported | Done)


class OutOfOrder(Exception):
    """Reports whose first does not follow the last that is here: something is missing."""


class Full(Exception):
    """There are as many learners, or reports of one, as there may be."""


@dataclass(frozen=True)
class Learner:
    """Somebody in the class: their number, their name as it is shown, when they joined."""

    id: int
    name: str
    joined_at: float


@dataclass(frozen=True)
class Event:
    """One thing that has happened, at `at` by the board's clock.

    `id` counts all of the class, `number` those that the learner reported; it is None for what
    whoever teaches has done.
    """

    id: int
    learner: int
    number: int | None
    at: float
    what: Reported | Done


class Ledger:
    """The ledger in `file`, made where there is none. Use it in one thread at a time; `close` it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():  # names and codes are nobody else's business on this machine
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(
            file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # ---- The class itself.

    def about(self, name: str, otherwise: str = "") -> str:
        """Return what is noted under `name`; from the first time on that is `otherwise`."""
        with self._writing():
            self._run("INSERT OR IGNORE INTO about VALUES (?, ?)", name, otherwise)
        return str(self._one("SELECT value FROM about WHERE name = ?", name)[0])

    def note(self, name: str, value: str) -> None:
        """Note `value` under `name`."""
        with self._writing():
            self._run("INSERT OR REPLACE INTO about VALUES (?, ?)", name, value)

    @property
    def class_id(self) -> str:
        """What tells this class from all others."""
        return self.about("class", secrets.token_hex(8))

    def code(self, purpose: str) -> AccessCode:
        """Return the code for `purpose`, which is also the name of its cookie: the same in each run."""
        code = AccessCode(purpose)
        code.text = self.about(f"code {purpose}", code.text)
        return code

    # ---- Learners.

    def join(self, name: str, now: float) -> tuple[Learner, str]:
        """Take in a newcomer; return them, called so that they can be told apart, and their token.

        Raises Full.
        """
        with self._writing():
            names = [learner.name for learner in self.learners()]
            if len(names) >= MOST_LEARNERS:
                raise Full
            learner = Learner(len(names) + 1, told_apart(name, names), now)
            token = new_token(learner.id)
            kept = (learner.id, learner.name, digest(token), now)
            self._run("INSERT INTO learners VALUES (?, ?, ?, ?)", *kept)
        return learner, token

    def known(self, token: str) -> Learner | None:
        """Return whose token that is, None where it is nobody's."""
        number = number_in(token)
        if number is None:
            return None
        found = self._rows("SELECT name, token, joined_at FROM learners WHERE id = ?", number)
        for name, kept, joined_at in found:
            if fits(token, kept):
                return Learner(number, name, joined_at)
        return None

    def learners(self) -> list[Learner]:
        """Return everybody who has joined, in that order."""
        rows = self._rows("SELECT id, name, joined_at FROM learners ORDER BY id")
        return [Learner(*row) for row in rows]

    # ---- What happens.

    def acknowledged(self, learner: int) -> int:
        """Return the number of the learner's last report that is here, 0 where there is none."""
        found = self._one("SELECT max(number) FROM events WHERE learner = ?", learner)[0]
        return int(found or 0)

    def take(self, learner: int, reports: Sequence[Report]) -> int:
        """Keep reports, `at` by the board's clock; return the number up to which all are on disk.

        Those that are here already are passed over. Raises OutOfOrder, with nothing kept, where one
        is missing; Full where there are too many.
        """
        with self._writing():
            last = self.acknowledged(learner)
            for report in reports:
                if report.number > last + 1:
                    raise OutOfOrder
                if report.number <= last:
                    continue
                if report.number > MOST_REPORTS:
                    raise Full
                self._note(learner, report.number, report.at, report.what)
                last = report.number
        return last

    def do(self, learner: int, what: Done, now: float) -> None:
        """Keep what whoever teaches has done."""
        with self._writing():
            self._note(learner, None, now, what)

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield what has happened after the event of that id, in order."""
        query = "SELECT id, learner, number, at, what FROM events WHERE id > ? ORDER BY id"
        for number, learner, own, at, what in self._rows(query, after):
            yield Event(number, learner, own, at, _what.decode(what))

    # ---- Who is connected.

    def present(self, connection: str, learner: int, until: float) -> None:
        """The learner is connected, at least until then unless `gone` says otherwise."""
        with self._writing():
            row = (connection, learner, until)
            self._run("INSERT OR REPLACE INTO presences VALUES (?, ?, ?)", *row)

    def renew(self, connections: Sequence[str], until: float) -> None:
        """These connections are still there."""
        with self._writing():
            rows = [(until, connection) for connection in connections]
            self._database.executemany("UPDATE presences SET until = ? WHERE connection = ?", rows)

    def gone(self, connection: str) -> None:
        """That connection is no more."""
        with self._writing():
            self._run("DELETE FROM presences WHERE connection = ?", connection)

    def presences(self, now: float) -> set[int]:
        """Return the numbers of the learners who are connected."""
        return {row[0] for row in self._rows("SELECT learner FROM presences WHERE until > ?", now)}

    # ---- SQLite.

    def _note(self, learner: int, number: int | None, at: float, what: Reported | Done) -> None:
        row = (learner, number, at, msgspec.json.encode(what))
        self._run("INSERT INTO events (learner, number, at, what) VALUES (?, ?, ?, ?)", *row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do everything or nothing; who is going to write waits for others at once, not half-way."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _run(self, statement: str, *values: object) -> None:
        self._database.execute(statement, values)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        found = self._database.execute(query, values).fetchone()
        assert found is not None
        return found
