"""A file of fixed size with the last identities. All of it blocks, a moment.

Each identity is written in place by one system call, into a page that the system keeps
when the process is killed. A memory mapping would do no better: where its file is cut,
or the disk fails, a signal ends the process; a call raises an error.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
import errno
from itertools import islice
import os
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import crc32

SLOTS: Final = 20_000
_HEADER: Final = b"sms_gate ring 1\n".ljust(32, b"\0")
# The identity, its number in the order of all, its message's time
_SLOT: Final = Struct("<16sQI")
_CHECK_BYTES: Final = 4
_SLOT_BYTES: Final = _SLOT.size + _CHECK_BYTES
_SIZE: Final = len(_HEADER) + SLOTS * _SLOT_BYTES
# A kill or a power cut can cut the one that is being written
_MAY_BE_CUT: Final = 1
# Some file systems; glibc then writes zeros itself, the C library of Home Assistant OS
# does not
_CANNOT_RESERVE: Final = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


class Ring:
    """Identities and the times (Unix seconds) of their messages, the oldest first."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read or opened yet."""
        self._path = path
        self._file: int | None = None
        self._count = 0
        self.known: dict[bytes, int] = {}

    def exists(self) -> bool:
        """Return True if there is a file, whatever is in it."""
        return os.path.lexists(self._path)

    def open(self) -> bool:
        """Read the file; return True if it was whole.

        A damaged one is set aside, but what is whole in it stays known.

        Raises:
            OSError: there can be no such file here, or no room for it.
        """
        try:
            content = self._path.read_bytes()
        except OSError:
            content = b""
        self._count, self.known, is_whole = _read(content)
        if is_whole:
            self._file = os.open(self._path, os.O_RDWR)
        else:
            self._path.replace(self._path.with_suffix(".damaged"))
            self.create()
        return is_whole

    def create(self) -> None:
        """Make a file with what is known.

        Raises:
            OSError: there can be no such file here, or no room for it.
        """
        self.use(self.make(self.known), self.known)

    def make(self, known: Mapping[bytes, int]) -> int:
        """Put a new file in place, with these and room for all there will be.

        Raises:
            OSError: there can be no such file here, or no room for it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        made = self._path.with_suffix(".new")
        file = os.open(made, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        slots = (_slot(it, number, known[it]) for number, it in enumerate(known, 1))
        try:
            _reserve(file)
            _write_whole(file, _HEADER + b"".join(slots))
            made.replace(self._path)
        except OSError:
            os.close(file)
            made.unlink(missing_ok=True)
            raise
        return file

    def use(self, file: int, known: Mapping[bytes, int]) -> None:
        """Write to a file from now on, which holds these."""
        self.close()
        self._file, self._count = file, len(known)

    @property
    def is_open(self) -> bool:
        """Return True if what is written is written to a file."""
        return self._file is not None

    def is_in_place(self) -> bool:
        """Return True if the file that is written to is the one in its place."""
        with suppress(OSError):
            return self._file is not None and os.path.samestat(
                self._path.stat(), os.fstat(self._file)
            )
        return False

    def remember(self, identity: bytes, time: int) -> None:
        """Know an identity, and forget the oldest where there are too many."""
        self.known[identity] = time
        for oldest in list(islice(self.known, max(0, len(self.known) - SLOTS))):
            del self.known[oldest]

    def write(self, identities: Iterable[bytes]) -> None:
        """Write identities over the oldest ones; without a file, nothing is written.

        Raises:
            OSError: they could not be written, and the file is closed.
        """
        try:
            for identity in identities:
                self._write(identity, self.known.get(identity, 0))
        except OSError:
            self.close()
            raise

    def _write(self, identity: bytes, time: int) -> None:
        if self._file is None:
            return
        place = len(_HEADER) + self._count % SLOTS * _SLOT_BYTES
        os.pwrite(self._file, _slot(identity, self._count + 1, time), place)
        self._count += 1

    def close(self) -> None:
        """Close the file; what is known stays known."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def remove(self) -> None:
        """Delete the file, and what was set aside."""
        self.close()
        for path in (self._path, self._path.with_suffix(".damaged")):
            with suppress(IsADirectoryError):
                path.unlink(missing_ok=True)


def _reserve(file: int) -> None:
    """Get room on the disk for all there will be.

    Raises:
        OSError: there is too little.
    """
    try:
        os.posix_fallocate(file, 0, _SIZE)
    except OSError as err:
        if err.errno not in _CANNOT_RESERVE:
            raise
        _write_whole(file, bytes(_SIZE))


def _write_whole(file: int, content: bytes) -> None:
    if os.pwrite(file, content, 0) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _slot(identity: bytes, number: int, time: int) -> bytes:
    slot = _SLOT.pack(identity, number, time)
    return slot + _check(slot)


def _check(slot: bytes) -> bytes:
    return crc32(slot).to_bytes(_CHECK_BYTES, "little")


def _read(content: bytes) -> tuple[int, dict[bytes, int], bool]:
    """Return how many were written ever, those that are there, and whether all is."""
    slots: list[tuple[int, bytes, int]] = []
    broken = 0
    for place in range(len(_HEADER), len(content), _SLOT_BYTES):
        slot = content[place : place + _SLOT.size]
        check = content[place + _SLOT.size : place + _SLOT_BYTES]
        if len(slot) == _SLOT.size and check == _check(slot):
            identity, number, time = _SLOT.unpack(slot)
            slots.append((number, identity, time))
        elif slot.strip(b"\0") or check.strip(b"\0"):
            broken += 1
    slots.sort()
    is_whole = (
        content.startswith(_HEADER) and len(content) == _SIZE and broken <= _MAY_BE_CUT
    )
    count = slots[-1][0] if slots else 0
    return count, {identity: time for _, identity, time in slots}, is_whole
