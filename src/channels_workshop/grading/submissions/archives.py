"""Archives that were handed in: zip, and tar, plain or packed by gzip, bzip2 or xz.

Read in place, file by file; nothing is unpacked to a disk, and no size is believed that an archive
says of itself. Archives inside an archive are not opened.

**Times** in a zip have no zone, so they are taken to be this machine's local time, exact to two
seconds; many programs add the time in UTC, which is used where it is there.
"""

import bz2
import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ...language import message
from .entries import (
    MIB,
    MOST_ENTRIES,
    Entry,
    Unreadable,
    entry_of,
    link,
    sorted_out,
    special,
    too_many_files,
)
from .folders import cannot_be_read, time_of
from .names import decoded, printable

#: An archive's own size, and what a packed tar may unpack to on the way to the files wanted.
_LARGEST_ARCHIVE = 500 * MIB
_LARGEST_STREAM = 2048 * MIB
#: What is read at once: a zip's table of contents; a header of tar with its long names.
_LARGEST_CONTENTS = 16 * MIB
_LARGEST_HEADER = 64 * 1024
#: All headers of a tar, of 512 bytes and more each.
_ALL_HEADERS = 256 * MIB

_ZIP, _GZIP, _BZIP2, _XZ = b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"
_OTHER_ARCHIVES = {b"Rar!": "rar", b"7z\xbc\xaf\x27\x1c": "7z", b"\x28\xb5\x2f\xfd": "zst"}
_TAR_AT = 257
#: The endings of archives, among them those that are told to be handed in otherwise.
_ENDINGS = (
    *(".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst"),
    *(".rar", ".7z"),
)
#: Files of other programs that are zip archives as well.
_PACKED_LIKE_ARCHIVES = {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".jar", ".whl"}

#: Extra fields of a zip: the time in UTC, the name in UTF-8.
_UNIX_TIME, _UNICODE_NAME = 0x5455, 0x7075
_FLAG_ENCRYPTED, _FLAG_UTF_8 = 0x1, 0x800


def named_like_an_archive(name: str) -> bool:
    """Return whether a file of that name is said to be an archive."""
    return name.lower().endswith(_ENDINGS)


def is_archive(path: Path) -> bool:
    """Return whether `path` is an archive, or is meant to be one. Never raises."""
    if path.is_symlink() or not path.is_file():
        return False
    if named_like_an_archive(path.name):
        return True
    if path.suffix.lower() in _PACKED_LIKE_ARCHIVES:
        return False
    try:
        return bool(_kind_of(path))
    except OSError:
        return False


def open_archive(path: Path) -> "ZipArchive | TarArchive":
    """Open an archive by what is in it, whatever it is called. Raises Unreadable."""
    try:
        kind = _kind_of(path)
    except OSError as error:
        raise cannot_be_read(path.name, error) from None
    if kind in _OTHER_ARCHIVES.values():
        raise Unreadable(
            message("This is a {kind} archive, which is not read. Hand in a zip.", kind=kind)
        )
    if not kind:
        raise Unreadable(message("This is not an archive, or it is broken. Hand in a zip."))
    try:
        if path.stat().st_size > _LARGEST_ARCHIVE:
            raise _too_large()
        return ZipArchive(path) if kind == "zip" else TarArchive(path, kind)
    except Unreadable:
        raise
    except Exception as error:  # anything may come of an archive that is broken, or hostile
        raise _broken(error) from None


def _kind_of(path: Path) -> str:
    """Return "zip", "tar", how a tar is packed, another kind of archive, or "" for none."""
    with path.open("rb") as file:
        head = file.read(512)
    for magic, kind in {_ZIP: "zip", _GZIP: "gzip", _BZIP2: "bzip2", _XZ: "xz"}.items():
        if head.startswith(magic):
            return kind
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return "tar"
    return next((kind for magic, kind in _OTHER_ARCHIVES.items() if head.startswith(magic)), "")


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def close(self) -> None: ...


class _Measured:
    """A file that is given up on once it turns out to be larger than is good for us.

    `at_once` is the most that may be asked for in one piece, `far` the furthest position,
    `altogether` the most that may be read; all in bytes.
    """

    def __init__(self, file: _Bytes, *, at_once: int, far: int, altogether: int) -> None:
        self._file = file
        self._at_once = at_once
        self._far = far
        self.left = altogether

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size if 0 <= size <= self._at_once else self._at_once + 1)
        self.left -= len(data)
        if len(data) > self._at_once or self.left < 0 or self._file.tell() > self._far:
            raise _too_large()
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self._far:
            raise _too_large()
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()


class _TarHeaders(_Measured):
    """A tar whose headers are read. Python searches them in a time that grows with the square of
    a run of digits, which no program writes."""

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        if len(data) > tarfile.BLOCKSIZE and re.search(rb"[0-9]{100}", data):
            raise _too_large()
        return data


class ZipArchive:
    """A zip. Names without a flag that says UTF-8 are read as `names` says."""

    def __init__(self, path: Path) -> None:
        self._file = _Measured(
            path.open("rb"),
            at_once=_LARGEST_CONTENTS,
            far=_LARGEST_ARCHIVE,
            altogether=2 * _LARGEST_ARCHIVE,
        )
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._entries = sorted_out(self._found())
        except BaseException:
            self._file.close()
            raise

    @property
    def entries(self) -> Sequence[Entry]:
        """Its files, in the order of the archive."""
        return self._entries

    def read(self, entry: Entry, most: int) -> bytes:
        """Return a file's bytes, at most `most` of them. Raises Unreadable."""
        assert isinstance(entry.key, zipfile.ZipInfo)
        # Python's reader of the other methods has no limit to what it unpacks at once.
        if entry.key.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(
                message("It is packed in a way that is not read. Hand in an ordinary zip.")
            )
        try:
            with self._zip.open(entry.key) as file:
                return file.read(most)
        except Unreadable:
            raise
        except Exception as error:
            raise _broken(error) from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _found(self) -> Iterator[Entry]:
        infos = self._zip.infolist()
        if len(infos) > MOST_ENTRIES:
            raise too_many_files()
        for info, name in zip(infos, _names_in(infos), strict=True):
            if info.flag_bits & _FLAG_ENCRYPTED:
                raise Unreadable(
                    message("It is protected by a password. Hand in a zip without one.")
                )
            kind = stat.S_IFMT(info.external_attr >> 16)
            if name.endswith(("/", "\\")) or kind == stat.S_IFDIR:
                continue
            trouble = None
            if kind == stat.S_IFLNK:
                trouble = link()
            elif kind not in (0, stat.S_IFREG):
                trouble = special()
            yield entry_of(
                name, info, size=info.file_size, modified=_time_in_zip(info), trouble=trouble
            )


def _names_in(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the names in a zip, in their order, each decoded."""
    said = [_said_in_utf_8(info) for info in infos]
    # What Python has read as cp437 for want of the flag are the bytes themselves.
    others = [
        info.orig_filename.encode("cp437")
        for info, name in zip(infos, said, strict=True)
        if name is None
    ]
    rest = iter(decoded(others))
    return [next(rest) if name is None else name for name in said]


def _said_in_utf_8(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _FLAG_UTF_8:
        return info.orig_filename
    field = _extra_field(info, _UNICODE_NAME)
    if field and field[0] == 1:
        return field[5:].decode("utf-8", errors="replace") or None
    return None


def _time_in_zip(info: zipfile.ZipInfo) -> datetime | None:
    field = _extra_field(info, _UNIX_TIME)
    if field and len(field) >= 5 and field[0] & 1:
        return time_of(struct.unpack("<i", field[1:5])[0])
    try:
        local = datetime(*info.date_time)
        # Programs that keep no times write the first that the format can hold.
        return local.astimezone(UTC) if local.year > 1980 else None
    except (ValueError, OverflowError, OSError):
        return None


def _extra_field(info: zipfile.ZipInfo, wanted: int) -> bytes | None:
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == wanted:
            return extra[4 : 4 + size]
        extra = extra[4 + size :]
    return None


class TarArchive:
    """A tar; `packed` is "tar" where it is plain, else "gzip", "bzip2" or "xz"."""

    def __init__(self, path: Path, packed: str) -> None:
        self._stream = _unpacking(path, packed)
        try:
            self._entries = sorted_out(self._found())
        except BaseException:
            self._stream.close()
            raise
        self._measured = _Measured(
            self._stream, at_once=2 * MIB, far=_LARGEST_STREAM, altogether=_LARGEST_STREAM
        )

    @property
    def entries(self) -> Sequence[Entry]:
        """Its files, in the order of the archive: reading backwards unpacks it from the start."""
        return self._entries

    def read(self, entry: Entry, most: int) -> bytes:
        """Return a file's bytes, at most `most` of them. Raises Unreadable."""
        assert isinstance(entry.key, int)
        try:
            self._measured.seek(entry.key)
            wanted = min(most, entry.size)
            data = self._measured.read(wanted)
        except Unreadable:
            raise
        except Exception as error:
            raise _broken(error) from None
        if len(data) < wanted:
            raise _broken(EOFError())
        return data

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _found(self) -> Iterator[Entry]:
        members = list(self._members())
        names = decoded([name.encode("utf-8", "surrogateescape") for name, *_rest in members])
        for (_name, kind, offset, size, time), name in zip(members, names, strict=True):
            trouble = None
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                trouble = link()
            elif kind not in tarfile.REGULAR_TYPES or kind == tarfile.GNUTYPE_SPARSE:
                trouble = special()
            yield entry_of(name, offset, size=size, modified=time_of(time), trouble=trouble)

    def _members(self) -> Iterator[tuple[str, bytes, int, int, float]]:
        """Yield name, type, offset and size (bytes) and time of each file, folders left out."""
        headers = _TarHeaders(
            self._stream, at_once=_LARGEST_HEADER, far=_LARGEST_STREAM, altogether=_ALL_HEADERS
        )
        tar = tarfile.TarFile(fileobj=headers, encoding="utf-8", errors="surrogateescape")  # type: ignore[arg-type]
        count = 0
        while (member := tar.next()) is not None:
            # All that it remembers, a hostile archive could make as large as it likes.
            tar.members.clear()  # type: ignore[attr-defined]
            tar.pax_headers.clear()  # type: ignore[attr-defined]
            if not member.isdir():
                count += 1
                if count > MOST_ENTRIES:
                    raise too_many_files()
                kind = tarfile.GNUTYPE_SPARSE if member.issparse() else member.type
                yield member.name, kind, member.offset_data, member.size, float(member.mtime)


def _unpacking(path: Path, packed: str) -> _Bytes:
    if packed == "gzip":
        return gzip.open(path, "rb")
    if packed == "bzip2":
        return bz2.open(path, "rb")
    if packed == "xz":
        return lzma.open(path, "rb")
    return path.open("rb")


def _too_large() -> Unreadable:
    return Unreadable(message("It is too large. Hand in the project's folder alone."))


def _broken(error: Exception) -> Unreadable:
    why = str(error) or type(error).__name__
    return Unreadable(
        message(
            "The archive is broken, or not all of it has arrived ({why}). Hand it in again.",
            why=printable(why[:200]),
        )
    )
