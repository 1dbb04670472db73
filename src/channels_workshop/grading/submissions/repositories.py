"""A git repository that was handed in, read at one commit; nothing is checked out.

git is given the objects of the repository and nothing else of it: neither its settings, which may
name programs to run, nor its hooks or attributes. References are read here. The time is that at
which the commit was made.
"""

import os
import re
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...errors import WorkshopError
from ...language import Message, message
from .entries import (
    MIB,
    Entry,
    Unreadable,
    entry_of,
    link,
    sorted_out,
    special,
    too_many_files,
)
from .folders import time_of
from .names import decoded, printable

#: Seconds after which git is ended, and what it may say at most, in bytes.
_LIMIT = 60
_LONGEST_ANSWER = 32 * MIB
#: What git may hold in memory. Small objects can be packed so that they need a large one.
_MEMORY = 2048 * MIB

_HASH = re.compile(r"[0-9a-f]{40}")
_BEGINNING_OF_HASH = re.compile(r"[0-9a-f]{4,40}")


def repository_in(folder: Path) -> Path | None:
    """Return where the repository of `folder` is: its `.git`, or itself if it is bare; else None.

    A link to a repository is none, and neither is a file named `.git`, which leads elsewhere.
    """
    for candidate in (folder / ".git", folder):
        if candidate.is_symlink():
            continue
        head, objects = candidate / "HEAD", candidate / "objects"
        if head.is_file() and objects.is_dir() and not (head.is_symlink() or objects.is_symlink()):
            return candidate
    return None


class Repository:
    """The files of the commit that `wanted` names: a branch, a tag, a hash or `HEAD`."""

    def __init__(self, repository: Path, wanted: str = "HEAD") -> None:
        self._objects = repository / "objects"
        self._empty = tempfile.TemporaryDirectory(prefix="workshop-")
        self._reader: subprocess.Popen[bytes] | None = None
        try:
            _make_empty_repository(Path(self._empty.name))
            self.commit = self._full_hash(_hash_of(repository, wanted), wanted)
            made = re.search(rb"^committer .*> (\d+) [-+]\d+$", self._commit(), re.MULTILINE)
            #: When the commit was made (UTC), None where it does not say.
            self.made_at = time_of(float(made[1])) if made else None
            self._entries = sorted_out(self._found())
        except BaseException:
            self.close()
            raise

    @property
    def entries(self) -> Sequence[Entry]:
        """The files of the commit, sorted by path."""
        return self._entries

    def read(self, entry: Entry, most: int) -> bytes:
        """Return a file's bytes, at most `most` of them. Raises Unreadable."""
        if entry.size > most:
            raise Unreadable(message("{path} is too large.", path=entry.path))
        if self._reader is None:
            self._reader = self._start("cat-file", "--batch")
        assert self._reader.stdin
        assert self._reader.stdout
        with _ended_after(_LIMIT, self._reader):
            try:
                self._reader.stdin.write(f"{entry.key}\n".encode())
                self._reader.stdin.flush()
                answer = self._reader.stdout.readline(200).split()
                if len(answer) != 3 or answer[1] != b"blob":
                    raise _incomplete()
                size = int(answer[2])
                if size > most:
                    raise _incomplete()
                content = self._reader.stdout.read(size)
                self._reader.stdout.read(1)  # the line's end after it
            except OSError:
                raise _incomplete() from None
        if len(content) < size:
            raise _incomplete()
        return content

    def close(self) -> None:
        """End git, and remove the empty repository that it was told to work in."""
        if self._reader is not None:
            _end(self._reader)
        self._empty.cleanup()

    def _full_hash(self, start: str, wanted: str) -> str:
        answer = self._answer("rev-parse", "--verify", "--quiet", f"{start}^{{commit}}").strip()
        if not _HASH.fullmatch(answer.decode("ascii", "replace")):
            raise Unreadable(_no_such_commit(wanted))
        return answer.decode("ascii")

    def _commit(self) -> bytes:
        return self._answer("cat-file", "commit", self.commit)

    def _found(self) -> Iterator[Entry]:
        listing = self._answer("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit)
        lines = [line.partition(b"\t") for line in listing.split(b"\0") if line]
        names = decoded([name for _about, _end, name in lines])
        for (about, _end, _name), name in zip(lines, names, strict=True):
            mode, kind, key, size = about.decode("ascii").split()
            trouble = None
            if kind != "blob":
                trouble = message(
                    "A repository in the repository (a submodule) is not looked into."
                )
            elif stat.S_ISLNK(int(mode, 8)):
                trouble = link()
            elif not stat.S_ISREG(int(mode, 8)):
                trouble = special()
            yield entry_of(
                name,
                key,
                size=int(size) if size.isdigit() else 0,
                modified=self.made_at,
                trouble=trouble,
            )

    def _answer(self, *arguments: str) -> bytes:
        """Return what git prints; nothing where it fails. Raises Unreadable where it is too much."""
        process = self._start(*arguments)
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            with _ended_after(_LIMIT, process):
                answer = process.stdout.read(_LONGEST_ANSWER + 1)
                if len(answer) > _LONGEST_ANSWER:
                    raise too_many_files()
                return answer if process.wait() == 0 else b""
        finally:
            _end(process)

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        }
        environment |= {
            "GIT_DIR": self._empty.name,
            "GIT_OBJECT_DIRECTORY": str(self._objects.absolute()),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        small = ["-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=256m"]
        try:
            process = subprocess.Popen(
                ["git", *small, *arguments],
                cwd=self._empty.name,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise WorkshopError(
                message("The program git does not start: {why}", why=error.strerror or str(error)),
                message("Install git, or hand over a folder or a zip in place of a repository."),
            ) from None
        _limit_memory(process.pid)
        return process


def _hash_of(repository: Path, wanted: str) -> str:
    """Return the hash that `wanted` stands for, or the beginning of one. Raises Unreadable."""
    packed = _packed_references(repository)
    if wanted == "HEAD":
        head = _first_line(repository / "HEAD")
        if not head.startswith("ref:"):
            found = head if _HASH.fullmatch(head) else None
        else:
            found = _reference(repository, packed, head.removeprefix("ref:").strip())
            found = found or _only_branch(repository, packed)
        if found is None and _branches(repository, packed):
            raise Unreadable(
                message(
                    "The repository has no current branch. Give one of these after an @: {names}.",
                    names=", ".join(_branches(repository, packed)),
                )
            )
        if found is None:
            raise Unreadable(message("The repository has no commit. Commit your work."))
        return found
    for place in ("refs/tags", "refs/heads", "refs/remotes/origin"):
        if found := _reference(repository, packed, f"{place}/{wanted}"):
            return found
    if _BEGINNING_OF_HASH.fullmatch(wanted.lower()):
        return wanted.lower()
    raise Unreadable(_no_such_commit(wanted))


def _reference(repository: Path, packed: dict[str, str], name: str) -> str | None:
    """Return the hash of a reference such as `refs/heads/main`, None where there is none."""
    parts = name.split("/")
    if parts[0] != "refs" or not {"", ".", ".."}.isdisjoint(parts):
        return None
    line = _first_line(repository.joinpath(*parts))
    return line if _HASH.fullmatch(line) else packed.get(name)


def _only_branch(repository: Path, packed: dict[str, str]) -> str | None:
    """Return the only branch where HEAD names one that is not there: `master` for `main`, say."""
    branches = _branches(repository, packed)
    return (
        _reference(repository, packed, f"refs/heads/{branches[0]}") if len(branches) == 1 else None
    )


def _branches(repository: Path, packed: dict[str, str]) -> list[str]:
    heads = repository / "refs" / "heads"
    loose = {path.relative_to(heads).as_posix() for path in heads.glob("**/*") if path.is_file()}
    start = "refs/heads/"
    packed_names = {name.removeprefix(start) for name in packed if name.startswith(start)}
    return sorted(map(printable, loose | packed_names))


def _packed_references(repository: Path) -> dict[str, str]:
    lines = _text(repository / "packed-refs", MIB).splitlines()
    pairs = (line.partition(" ") for line in lines)
    return {name: value for value, _space, name in pairs if _HASH.fullmatch(value)}


def _first_line(path: Path) -> str:
    return _text(path, 1024).partition("\n")[0].strip()


def _text(path: Path, most: int) -> str:
    """Return the beginning of an ordinary file, `most` bytes of it; an empty text for any other."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except (OSError, ValueError):  # ValueError: no name for a file at all
        return ""


def _make_empty_repository(folder: Path) -> None:
    for name in ("objects", "refs"):
        (folder / name).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")


@contextmanager
def _ended_after(seconds: float, process: "subprocess.Popen[bytes]") -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        try:
            if stream:
                stream.close()
        except OSError:  # it has not read all that was written
            pass
    process.wait()


def _limit_memory(pid: int) -> None:
    if os.name == "posix":
        import resource

        if hasattr(resource, "prlimit"):
            try:
                resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            except OSError:  # it has ended already
                pass


def _no_such_commit(wanted: str) -> Message:
    return message("The repository has no commit, branch or tag “{wanted}”.", wanted=wanted)


def _incomplete() -> Unreadable:
    return Unreadable(
        message("The repository is not complete. Clone it again, with all of its history.")
    )
