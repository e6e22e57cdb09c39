"""A disk of a few megabytes, to be filled."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess

import pytest


@dataclass(frozen=True)
class Disk:
    """A small file system of its own."""

    folder: Path

    @property
    def _filling(self) -> Path:
        return self.folder / "filling"

    def fill(self) -> None:
        """Leave no byte."""
        with suppress(OSError), self._filling.open("ab", buffering=0) as file:
            for size in (1 << 16, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def make_room(self) -> None:
        """Remove what fills it."""
        self._filling.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount one, which only root may; skip the test elsewhere."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder.mkdir(parents=True, exist_ok=True)
    options = ("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    if subprocess.run([mount, *options], check=False).returncode:  # noqa: S603
        pytest.skip("no disk can be mounted here")
    try:
        yield Disk(folder)
    finally:
        # Files may still be open
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607
