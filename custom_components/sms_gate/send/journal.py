"""Lines that a kill leaves: what was done since a file was last saved.

Each is written by one system call, into a page that the system keeps when the process
is killed. That takes microseconds, so it is done in the event loop.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
import logging
import os
from pathlib import Path
from typing import Any, Final

import orjson

_LOGGER = logging.getLogger(__name__)

_NUMBER: Final = "number"
MAX_NUMBER: Final = 2**53


class Journal:
    """Numbered records in two files: the older one waits until a save is certain."""

    def __init__(self, path: Path) -> None:
        """Name the files; nothing is read or opened yet."""
        self._path = path
        self._older = path.with_name(f"{path.name}.older")
        self._file: int | None = None
        self._has_failed = False
        self._ends = 0
        self.number = 0

    def read(self, after: int) -> list[dict[str, Any]]:
        """Return the records after a number, the oldest first. Blocks."""
        lines = list(self._lines())
        records = {
            int(record[_NUMBER]): record for line in lines if (record := _record(line))
        }
        if len(records) < len(lines):
            _LOGGER.warning("%s has damaged lines", self._path.name)
        self.number = max([after, *records])
        self._join()
        return [records[number] for number in sorted(records) if number > after]

    def _lines(self) -> Iterator[bytes]:
        for path in (self._older, self._path):
            with suppress(OSError):
                yield from filter(None, path.read_bytes().split(b"\n"))

    def _join(self) -> None:
        """Make all that is there the older file."""
        with suppress(OSError):
            if self._older.exists():
                with self._older.open("ab") as older:
                    older.write(b"\n" + self._path.read_bytes())
                self._path.unlink()
        self.begin()
        self._ends = self.number

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record; where that fails, only the next save has it."""
        self.number += 1
        # What a full disk has cut must not spoil the next line
        line = b"\n" + orjson.dumps({_NUMBER: self.number, **record})
        try:
            if self._file is None:
                self._file = self._open()
            os.write(self._file, line)
        except OSError as err:
            self._close()
            if not self._has_failed:
                _LOGGER.error("Cannot write %s: %s", self._path.name, err.strerror)
            self._has_failed = True
        else:
            self._has_failed = False

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def begin(self) -> None:
        """Begin another file, for what comes after a save that begins now."""
        with suppress(OSError):
            # One that is still there has what may be in no save
            if not self._older.exists():
                self._close()
                self._path.rename(self._older)
                self._ends = self.number

    def finish(self, saved: int) -> None:
        """Delete the older file if what is saved has all of it."""
        if saved >= self._ends:
            _unlink(self._older)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def remove(self) -> None:
        """Delete the files. Blocks."""
        self._close()
        _unlink(self._path)
        _unlink(self._older)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _record(line: bytes) -> dict[str, Any] | None:
    """Return what a line says, None for a damaged one."""
    with suppress(orjson.JSONDecodeError):
        record = orjson.loads(line)
        number = record.get(_NUMBER) if isinstance(record, dict) else None
        if isinstance(number, int) and 0 < number < MAX_NUMBER:
            return dict(record)
    return None
