"""What must lie in the repository, and what no file of it may contain."""

from collections.abc import Mapping
import os
from pathlib import Path
import re
import shutil
import struct
import subprocess
from typing import Any

import pytest

from .source import INTEGRATION, ROOT, load_json, load_yaml, repository_files

BRAND = INTEGRATION / "brand"
WORKFLOWS = ROOT / ".github" / "workflows"
# Put together here, so that this file does not break the rule itself
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("files", "pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("ftp", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("ports", "ubuntu", "com"),
        ("alpinelinux", "org"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("maven", "apache", "org"),
        ("anaconda", "org"),
        ("packagist", "org"),
        ("jsr", "io"),
    )
)
PROGRAMS = sorted(
    path
    for path in repository_files()
    if path.parent in {ROOT / "scripts", ROOT / ".ci"}
)


def png_size(path: Path) -> tuple[int, int]:
    """Return a PNG's width and height, from its header."""
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    assert header[12:16] == b"IHDR"
    width, height = struct.unpack(">II", header[16:24])
    return width, height


def registries_in(text: str) -> list[str]:
    """Return the package registries a text names."""
    return [
        host
        for host in REGISTRIES
        if re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", text, re.IGNORECASE)
    ]


def workflow_uses(workflow: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    """Return the actions a workflow's jobs use, with their inputs."""
    return {
        step["uses"].partition("@")[0]: step.get("with", {})
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "uses" in step
    }


def program_faults(path: Path) -> list[str]:
    """Return why a program of the repository could not be run."""
    text = path.read_text(encoding="utf-8")
    faults = [] if os.access(path, os.X_OK) else ["not executable"]
    match text.splitlines()[0]:
        case "#!/usr/bin/env bash":
            checked = subprocess.run(  # noqa: S603
                [shutil.which("bash") or "bash", "-n", path],
                capture_output=True,
                check=False,
            )
            if checked.returncode:
                faults.append("bash cannot read it")
            if "\nset -euo pipefail\n" not in text:
                faults.append("goes on after errors")
        case "#!/usr/bin/env python3":
            try:
                compile(text, path.name, "exec")
            except SyntaxError:
                faults.append("Python cannot read it")
        case first:
            faults.append(f"starts with {first}")
    return faults


@pytest.mark.parametrize("theme", ["", "dark_"], ids=["light", "dark"])
def test_the_icon_has_the_sizes_home_assistant_wants(theme: str) -> None:
    """256 x 256, and twice that."""
    assert png_size(BRAND / f"{theme}icon.png") == (256, 256)
    assert png_size(BRAND / f"{theme}icon@2x.png") == (512, 512)


@pytest.mark.parametrize("theme", ["", "dark_"], ids=["light", "dark"])
def test_the_logo_has_the_sizes_home_assistant_wants(theme: str) -> None:
    """The shorter side 128 to 256, and twice the size in the same shape."""
    width, height = png_size(BRAND / f"{theme}logo.png")
    assert 128 <= min(width, height) <= 256
    assert png_size(BRAND / f"{theme}logo@2x.png") == (2 * width, 2 * height)


def test_a_picture_that_is_no_png_is_noticed(tmp_path: Path) -> None:
    """A wrong file with the right name does not pass, nor a wrong size."""
    picture = tmp_path / "icon.png"
    picture.write_bytes(b"GIF89a" + bytes(30))
    with pytest.raises(AssertionError, match="no PNG"):
        png_size(picture)
    icon = (BRAND / "icon.png").read_bytes()
    picture.write_bytes(icon[:16] + struct.pack(">II", 255, 257) + icon[24:])
    assert png_size(picture) == (255, 257)


def test_the_licence_is_one_of_osi() -> None:
    """The MIT licence, in the file and for tools."""
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License\n")
    assert "Permission is hereby granted, free of charge" in text
    assert '\nlicense = "MIT"\n' in (ROOT / "pyproject.toml").read_text()


def test_there_is_a_readme() -> None:
    """HACS shows it, and it says how to install and to remove."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    for word in ("HACS", "scripts/demo", "scripts/test", "Remov"):
        assert word in text


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the machine's own matter."""
    named = {
        path.relative_to(ROOT): registries_in(
            path.read_bytes().decode("utf-8", "replace")
        )
        for path in repository_files()
    }
    assert len(named) > 100
    assert {path: hosts for path, hosts in named.items() if hosts} == {}


@pytest.mark.parametrize("host", REGISTRIES)
def test_the_rule_for_registries_notices(host: str) -> None:
    """In an address, with a name before it, in capitals; not inside other words."""
    assert registries_in(f"pip install -i https://{host}/simple") == [host]
    assert host in registries_in(f"(see http://www.{host.upper()})")
    assert registries_in(f"my{host} and {host}anization") == []


def test_the_workflows_run_both_validators_and_the_tests() -> None:
    """Hassfest, HACS's action and .ci/run, at each push and each pull request."""
    workflow = load_yaml(WORKFLOWS / "validate.yml")
    uses = workflow_uses(workflow)
    assert "home-assistant/actions/hassfest" in uses
    assert uses["hacs/action"]["category"] == "integration"
    assert not uses["hacs/action"].get("ignore")
    runs = [it.get("run") for job in workflow["jobs"].values() for it in job["steps"]]
    assert ".ci/run" in runs
    # YAML 1.1 reads the bare word "on" as true
    events = workflow.get("on") or workflow[True]
    assert {"push", "pull_request"} <= set(events)


def test_the_demo_runs_on_the_oldest_version_that_is_allowed() -> None:
    """hacs.json, the blueprints and the workflow name the same one."""
    oldest = load_json(ROOT / "hacs.json")["homeassistant"]
    jobs = load_yaml(WORKFLOWS / "validate.yml")["jobs"]
    assert jobs["versions"]["strategy"]["matrix"]["home-assistant"][0] == oldest
    for path in (ROOT / "blueprints").rglob("*.yaml"):
        assert f"min_version: {oldest}\n" in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*")), ids=lambda it: it.name)
def test_a_workflow_may_read_the_repository_and_no_more(path: Path) -> None:
    """Someone else's pull request runs it as well."""
    workflow = load_yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in path.read_text()


def test_ci_runs_the_script_everyone_runs() -> None:
    """What lands is what scripts/test says."""
    assert "\nexec scripts/test\n" in (ROOT / ".ci" / "run").read_text()
    for name in ("setup", "test", "demo", "gateway"):
        assert ROOT / "scripts" / name in PROGRAMS


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda it: it.name)
def test_a_program_can_be_run(path: Path) -> None:
    """It is executable, its interpreter reads it, and it stops at an error."""
    assert program_faults(path) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("#!/usr/bin/env bash\nset -euo pipefail\nif true\n", "bash cannot read it"),
        ("#!/usr/bin/env bash\necho\n", "goes on after errors"),
        ("#!/usr/bin/env python3\nif True\n", "Python cannot read it"),
        ("echo\n", "starts with echo"),
    ],
    ids=["bash syntax", "no set -e", "python syntax", "no interpreter"],
)
def test_the_rule_for_programs_notices(tmp_path: Path, text: str, fault: str) -> None:
    """One broken program is two faults when nobody may run it either."""
    program = tmp_path / "program"
    program.write_text(text)
    assert program_faults(program) == ["not executable", fault]
    program.chmod(0o755)
    assert program_faults(program) == [fault]
