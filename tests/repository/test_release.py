"""What a release is made of: one version, a zip that anybody can make anew, workflows."""

from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import Any
import zipfile

import pytest

from .source import INTEGRATION, ROOT, load_json, load_yaml

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*_*.yml"))
VERSION = load_json(INTEGRATION / "manifest.json")["version"]
ZIP = "sms_gate.zip"
# Rules that change under us are what these two are for; their makers name them so
UNPINNED = {"home-assistant/actions/hassfest@master", "hacs/action@main"}
PINNED = re.compile(r"uses: (actions/[\w-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it said."""
    return subprocess.run(  # noqa: S603
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )


def pack(output: Path, *arguments: str, checkout: Path = ROOT) -> Path:
    """Make the zip of a checkout."""
    script = checkout / "scripts" / "zip"
    packed = run(sys.executable, script, "--output", output, *arguments)
    assert packed.returncode == 0, packed.stderr
    return output


def tracked(checkout: Path = ROOT) -> set[str]:
    """Return the integration's files that git tracks."""
    git = shutil.which("git") or "git"
    folder = checkout / "custom_components" / INTEGRATION.name
    return set(
        run(git, "-c", "safe.directory=*", "ls-files", cwd=folder).stdout.split()
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of this checkout."""
    return pack(tmp_path_factory.mktemp("zip") / ZIP)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another checkout of the same files, made by others at another time."""
    checkout = tmp_path / "other"
    folder = checkout / "custom_components" / INTEGRATION.name
    (checkout / "scripts").mkdir(parents=True)
    shutil.copyfile(ROOT / "scripts" / "zip", checkout / "scripts" / "zip")
    for name in sorted(tracked(), reverse=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(INTEGRATION / name, folder / name)
        (folder / name).chmod(0o600)
    git = shutil.which("git") or "git"
    assert run(git, "init", "-q", ".", cwd=checkout).returncode == 0
    assert run(git, "add", "-A", cwd=checkout).returncode == 0
    return checkout


def test_the_zip_holds_what_git_tracks_and_nothing_else(packed: Path) -> None:
    """The manifest at the root, as HACS and people who unpack it by hand want it."""
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(tracked())
        assert {"manifest.json", "translations/en.json", "brand/icon.png"} <= set(names)
        assert [it for it in names if "__pycache__" in it or it.startswith("/")] == []
        for name in names:
            assert archive.read(name) == (INTEGRATION / name).read_bytes()


def test_the_zip_has_the_same_bytes_on_every_machine(
    packed: Path, other: Path, tmp_path: Path
) -> None:
    """Whatever the files' times and rights, and whatever else lies there."""
    folder = other / "custom_components" / INTEGRATION.name
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "const.pyc").write_bytes(b"x")
    (folder / "notes.txt").write_text("mine")
    again = pack(tmp_path / ZIP, checkout=other)
    assert again.read_bytes() == packed.read_bytes()


def test_another_file_makes_another_zip(
    packed: Path, other: Path, tmp_path: Path
) -> None:
    """Or the comparison above would compare nothing."""
    path = other / "custom_components" / INTEGRATION.name / "const.py"
    path.write_bytes(path.read_bytes() + b"\n")
    changed = pack(tmp_path / ZIP, checkout=other)
    assert changed.read_bytes() != packed.read_bytes()


@pytest.mark.parametrize("tag", ["", "0", f"v{VERSION}", f"{VERSION}.1"])
def test_another_tag_is_refused(tmp_path: Path, tag: str) -> None:
    """HACS shows the tag, Home Assistant the manifest: they say the same."""
    script = ROOT / "scripts" / "zip"
    output = tmp_path / ZIP
    refused = run(sys.executable, script, "--tag", tag, "--output", output)
    assert refused.returncode == 1
    assert VERSION in refused.stderr
    assert not output.exists()


def test_the_versions_tag_is_taken(packed: Path, tmp_path: Path) -> None:
    """And makes no difference to the zip."""
    assert pack(tmp_path / ZIP, "--tag", VERSION).read_bytes() == packed.read_bytes()


def test_the_changelog_tells_of_the_version_first() -> None:
    """Its newest release is the manifest's version; no version comes twice."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    versions = [name for name in headings if name != "Unreleased"]
    assert versions[0] == VERSION
    assert len(versions) == len(set(versions))


def test_hacs_gets_a_zip_only_if_a_release_is_sure_to_have_it() -> None:
    """Without ``zip_release`` HACS takes the tag itself, which is always there."""
    hacs = load_json(ROOT / "hacs.json")
    assert not hacs.get("zip_release")
    assert "filename" not in hacs


def test_a_release_is_published_with_its_zip() -> None:
    """A tag is compared and tested, and only then one job may write: a draft."""
    workflow = load_yaml(GITHUB / "workflows" / "release.yml")
    # YAML 1.1 reads the bare word "on" as true
    events = workflow.get("on", workflow.get(True))
    assert events == {"push": {"tags": ["[0-9]*"]}}
    jobs = workflow["jobs"]
    assert set(jobs) == {"test", "draft"}
    assert commands(jobs["test"]) == ['scripts/zip --tag "$TAG"', "scripts/test"]
    assert "permissions" not in jobs["test"]
    assert jobs["draft"]["needs"] == "test"
    assert jobs["draft"]["permissions"] == {"contents": "write"}
    packed, drafted = commands(jobs["draft"])
    assert packed == 'scripts/zip --tag "$TAG"'
    assert drafted.startswith(f'gh release create "$TAG" artifacts/{ZIP} --draft ')


def commands(job: dict[str, Any]) -> list[str]:
    """Return what a job runs."""
    return [step["run"] for step in job["steps"] if "run" in step]


def unpinned(text: str) -> list[str]:
    """Return the actions of a workflow that somebody else could change."""
    used = re.findall(r"uses: (\S+)", text)
    pinned = {match[0].split()[1] for match in PINNED.finditer(text)}
    return [it for it in used if it not in pinned | UNPINNED]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda it: it.name)
def test_a_workflow_runs_what_was_looked_at(path: Path) -> None:
    """Actions by commit, and nothing of an event put into a command."""
    text = path.read_text(encoding="utf-8")
    assert unpinned(text) == []
    for job in load_yaml(path)["jobs"].values():
        assert job["timeout-minutes"] if "scripts/test" in commands(job) else True
        assert [it for it in commands(job) if "${{" in it] == []
        kept = [
            step
            for step in job["steps"]
            if "actions/checkout" in step.get("uses", "")
            and step.get("with", {}).get("persist-credentials") is not False
        ]
        assert kept == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- uses: actions/checkout@v5", ["actions/checkout@v5"]),
        (f"- uses: actions/cache@{'a' * 40}", [f"actions/cache@{'a' * 40}"]),
        (f"- uses: some/one@{'a' * 40} # v1.2.3", [f"some/one@{'a' * 40}"]),
        (f"- uses: actions/cache@{'a' * 40} # v1.2.3", []),
        ("- uses: hacs/action@main", []),
        ("- uses: hacs/action@dev", ["hacs/action@dev"]),
    ],
)
def test_the_rule_for_actions_notices(line: str, found: list[str]) -> None:
    """A tag, a commit nobody can tell the version of, another maker."""
    assert unpinned(line) == found


def test_dependabot_looks_after_actions_and_requirements() -> None:
    """Each week, both."""
    updates = load_yaml(GITHUB / "dependabot.yml")["updates"]
    found = {it["package-ecosystem"]: it["schedule"]["interval"] for it in updates}
    assert found == {"github-actions": "weekly", "pip": "weekly"}


@pytest.mark.parametrize("path", FORMS, ids=lambda it: it.stem)
def test_a_form_is_one_github_takes(path: Path) -> None:
    """Known kinds of fields, each with an id of its own and a label."""
    form = load_yaml(path)
    assert {"name", "description", "body"} <= set(form)
    fields = [it for it in form["body"] if it["type"] != "markdown"]
    kinds = {it["type"] for it in fields}
    assert kinds <= {"checkboxes", "dropdown", "input", "textarea"}
    assert len({it["id"] for it in fields}) == len(fields)
    assert [it["id"] for it in fields if not it["attributes"].get("label")] == []
    for field in fields:
        if field["type"] == "dropdown":
            options = field["attributes"]["options"]
            assert all(isinstance(it, str) for it in options)
            assert len(set(options)) == len(options)


def test_a_bug_report_asks_for_what_helps() -> None:
    """The diagnostics, all versions, the way of receiving, the steps."""
    form = load_yaml(GITHUB / "ISSUE_TEMPLATE" / "bug_report.yml")
    required = {
        it["id"]
        for it in form["body"]
        if it.get("validations", {}).get("required") is True
    }
    assert required == {
        *("what", "steps", "mode", "receiving"),
        *("integration", "home_assistant", "app", "diagnostics"),
    }
    texts = {it["id"]: it["attributes"] for it in form["body"] if "id" in it}
    assert "Download diagnostics" in texts["diagnostics"]["description"]
    ways = {it.partition(":")[0] for it in texts["receiving"]["options"]}
    assert {"webhook", "cloudhook", "poll"} < ways


def test_who_contributes_or_reports_finds_how() -> None:
    """The two files GitHub shows, and what they lead to."""
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "/security/advisories/new" in security
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(scripts/[a-z]+)", text))
    assert {"scripts/test", "scripts/demo", "scripts/zip"} <= named
    assert [it for it in named if not (ROOT / it).is_file()] == []
