"""A wall clock that jumps, for one process only.

Home Assistant reads the clock in C (``datetime.now``), where no patch in Python gets at
it, so a library of a few lines is compiled and preloaded. Where there is no compiler, the
clock stays, and the report says so.
"""

from collections.abc import Mapping
from pathlib import Path
import shutil
import struct
import subprocess
from typing import Final

SOURCE: Final = Path(__file__).with_name("clock_jump.c")


class Clock:
    """How far a process is from the time."""

    def __init__(self, folder: Path) -> None:
        """Compile the library into a folder that no run of Home Assistant removes."""
        self._seconds = folder / "clock"
        self._library = folder / "clock_jump.so"
        self.set(0)
        compiler = shutil.which("cc") or shutil.which("gcc")
        self.can_jump = compiler is not None
        if compiler is not None:
            subprocess.run(  # noqa: S603
                [compiler, "-shared", "-fPIC", "-o", self._library, SOURCE, "-ldl"],
                check=True,
            )

    def set(self, seconds: int) -> None:
        """Let the clock be so many seconds ahead."""
        # In place: the process has this file mapped
        with self._seconds.open("r+b" if self._seconds.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process must be started with."""
        if not self.can_jump:
            return {}
        return {"LD_PRELOAD": str(self._library), "SMS_GATE_CLOCK": str(self._seconds)}
