"""The file that remembers identities: one line each, appended. All of it blocks."""

from collections.abc import Iterable
import errno
from io import FileIO
import os
from pathlib import Path
from threading import RLock


class Journal:
    """A file of this generation, kept open, and one of the generation before."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read or opened yet."""
        self._path = path
        self._previous_path = path.with_suffix(".previous")
        self._file: FileIO | None = None
        self._opened: os.stat_result | None = None
        # An unloading account closes while a late event is being written
        self._lock = RLock()

    def read(self) -> tuple[set[bytes], set[bytes]]:
        """Return the identities of this generation and of the one before."""
        return _read(self._path), _read(self._previous_path)

    def started(self) -> float:
        """Return when this generation began, in Unix seconds."""
        return self._path.stat().st_ctime

    def append(self, items: Iterable[bytes], *, rotate: bool) -> None:
        """Write lines in one go; ``rotate`` begins a generation with them.

        Each line begins with its end of line, so that one which a crash or a full
        disk cut short spoils only itself.

        Raises:
            OSError: not all of it is in the file.
        """
        lines = "".join(f"\n{item.hex()}" for item in items).encode()
        with self._lock:
            try:
                if rotate:
                    self._rotate()
                self._write(lines)
            except OSError:
                self.close()
                raise

    def _write(self, lines: bytes) -> None:
        """Write all of it, or fail: a disk that gets full takes a part first."""
        if self._open().write(lines) != len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _rotate(self) -> None:
        """Let this generation take the place of the one before."""
        self.close()
        if self._path.exists():
            self._path.replace(self._previous_path)

    def _open(self) -> FileIO:
        """Return the open file, which is opened anew where it is gone from its path."""
        if self._file is None or not self._is_in_place():
            self.close()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab", buffering=0)
            self._opened = os.fstat(self._file.fileno())
        return self._file

    def _is_in_place(self) -> bool:
        """Return True if the path still leads to the open file."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return self._opened is not None and os.path.samestat(found, self._opened)

    def close(self) -> None:
        """Let go of the file; the next append opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def remove(self) -> None:
        """Delete both files."""
        self.close()
        self._path.unlink(missing_ok=True)
        self._previous_path.unlink(missing_ok=True)


def _read(path: Path) -> set[bytes]:
    """Read one generation; a line that a crash cut short is left out."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return set()
    known: set[bytes] = set()
    for line in lines:
        try:
            item = bytes.fromhex(line)
        except ValueError:
            continue
        if len(item) == 16:
            known.add(item)
    return known
