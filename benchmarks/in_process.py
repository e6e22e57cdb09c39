"""What needs no Home Assistant: the look-up of a sender, and the import."""

import os
from pathlib import Path
import subprocess
import sys
import tempfile
from timeit import repeat

from custom_components.sms_gate.account.contacts import Contact, Contacts
from harness.home import ROOT

from .figure import Figure, middle, ratio

PACKAGE = "custom_components.sms_gate"
REPEATS = 15
LOOK_UPS = 20_000
IMPORTS = 7
CHILD_SECONDS = 120
# Prints what of Home Assistant the integration imports
NAMES = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*(name for name in sorted(sys.modules) if name.startswith("homeassistant")))
"""
# Imports that first, and prints how long the rest takes
TIMED = """
import importlib, sys, time
cut = sys.argv.index("--")
for name in sys.argv[1:cut]:
    importlib.import_module(name)
start = time.perf_counter()
for name in sys.argv[cut + 1:]:
    importlib.import_module(name)
print(time.perf_counter() - start)
"""


def look_up() -> Figure:
    """Find the same ten senders among 10 and among 1,000 contacts."""
    numbers = [f"+9665{90_000_000 + n * 7919:08d}" for n in range(1000)]
    contacts = [
        Contact(id=str(n), name=f"Contact {n}", phone_number=number)
        for n, number in enumerate(numbers)
    ]
    asked = numbers[:10]
    seconds: dict[int, list[float]] = {10: [], 1000: []}
    books = {n: Contacts.build(contacts[:n], "SA") for n in seconds}
    for _ in range(REPEATS):
        for size, book in books.items():
            turns = LOOK_UPS // len(asked)

            def find(book: Contacts = book) -> None:
                for number in asked:
                    book.find(number)

            seconds[size] += repeat(find, number=turns, repeat=1)
    for book in books.values():
        if any(book.find(number) is None for number in asked):
            raise RuntimeError("a contact is not found")
    micro = {size: [t / LOOK_UPS * 1e6 for t in many] for size, many in seconds.items()}
    return Figure(
        name="look-up of a sender, 1,000 contacts against 10",
        ours=middle(micro[1000], 2, " us"),
        least=middle(micro[10], 2, " us"),
        ratio=ratio(micro[1000], micro[10]),
        goal="<= 1.10",
    )


def imports() -> Figure:
    """Import all modules where Home Assistant's own are there already."""
    folder = ROOT / "custom_components" / "sms_gate"
    names = [
        ".".join(
            (PACKAGE, *path.relative_to(folder).with_suffix("").parts)
        ).removesuffix(".__init__")
        for path in sorted(folder.rglob("*.py"))
    ]
    with tempfile.TemporaryDirectory(prefix="sms-gate-bench-") as empty:
        for number in range(len(names)):
            (Path(empty) / f"bench_empty_{number}.py").touch()
        nothing = [f"bench_empty_{number}" for number in range(len(names))]
        theirs = _child(empty, NAMES, *names).split()
        ours, least = [], []
        _child(empty, TIMED, *theirs, "--", *names)  # writes what is compiled
        _child(empty, TIMED, *theirs, "--", *nothing)
        for _ in range(IMPORTS):
            ours.append(float(_child(empty, TIMED, *theirs, "--", *names)) * 1000)
            least.append(float(_child(empty, TIMED, *theirs, "--", *nothing)) * 1000)
    return Figure(
        name=f"import of all {len(names)} modules, warm",
        ours=middle(ours, 1, " ms"),
        least=middle(least, 1, " ms"),
        ratio=ratio(ours, least),
        goal="<= 60 ms",
    )


def _child(path: str, program: str, *arguments: str) -> str:
    """Run a program in a fresh Python and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
    ).stdout
