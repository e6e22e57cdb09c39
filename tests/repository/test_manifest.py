"""manifest.json and hacs.json, as hassfest and HACS want them."""

from collections.abc import Callable
from copy import deepcopy
from importlib.util import find_spec
import re
import tomllib
from typing import Any, get_args

from awesomeversion import AwesomeVersion
from homeassistant.const import __version__
from homeassistant.loader import Manifest
import pytest

from .source import INTEGRATION, PLATFORMS, ROOT, load_json, repository_files

REQUIRED = {
    "domain",
    "name",
    "codeowners",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "version",
}
# What hassfest takes from a custom integration; 'is_built_in' and the like are core's
KNOWN = set(Manifest.__annotations__) - {
    "is_built_in",
    "overwrites_built_in",
    "preview_features",
}
IOT_CLASSES = {
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
}
TYPES = set(get_args(Manifest.__annotations__["integration_type"])) - {"virtual"}
HACS_KEYS = {
    "name",
    "homeassistant",
    "hacs",
    "country",
    "content_in_root",
    "filename",
    "zip_release",
    "render_readme",
    "hide_default_branch",
    "persistent_directory",
}
VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc|-beta\.)\d+)?")

MANIFEST = load_json(INTEGRATION / "manifest.json")
HACS = load_json(ROOT / "hacs.json")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

type Change = Callable[[dict[str, Any]], object]


def _is_component(domain: str) -> bool:
    return find_spec(f"homeassistant.components.{domain}") is not None


def manifest_faults(manifest: dict[str, Any]) -> list[str]:
    """Return what hassfest would say about a manifest."""
    faults = [f"{key} is missing" for key in sorted(REQUIRED - set(manifest))]
    faults += [f"{key} is unknown" for key in manifest if key not in KNOWN]
    keys = list(manifest)
    if keys != ["domain", "name", *sorted(set(keys) - {"domain", "name"})]:
        faults.append("keys are not in order: domain, name, then the alphabet")
    if manifest.get("domain") != INTEGRATION.name:
        faults.append("domain is not the folder's name")
    if manifest.get("iot_class") not in IOT_CLASSES:
        faults.append("iot_class is unknown")
    if manifest.get("integration_type") not in TYPES:
        faults.append("integration_type is unknown")
    if not VERSION.fullmatch(manifest.get("version", "")):
        faults.append("version is not like 1.0.0")
    for key in ("documentation", "issue_tracker"):
        if not manifest.get(key, "").startswith("https://"):
            faults.append(f"{key} is no https address")
    if "www.home-assistant.io/" in manifest.get("documentation", ""):
        faults.append("documentation is where only Home Assistant's own is")
    return faults + _list_faults(manifest)


def _list_faults(manifest: dict[str, Any]) -> list[str]:
    """Return what is wrong in the manifest's lists."""
    owners = manifest.get("codeowners", [])
    faults = [f"codeowner {it} lacks the @" for it in owners if not it.startswith("@")]
    if not owners:
        faults.append("nobody owns the code")
    for key in ("dependencies", "after_dependencies"):
        for domain in manifest.get(key, []):
            if domain == manifest.get("domain") or not _is_component(domain):
                faults.append(f"{key}: there is no {domain}")
            if domain in PLATFORMS:
                faults.append(f"{key}: {domain} is a platform")
    twice = set(manifest.get("dependencies", [])) & set(
        manifest.get("after_dependencies", [])
    )
    faults += [f"{domain} is a dependency twice" for domain in sorted(twice)]
    return faults + [
        f"requirement {it} is not pinned"
        for it in manifest.get("requirements", [])
        if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][^ ,;]*", it)
    ]


def hacs_faults(hacs: dict[str, Any]) -> list[str]:
    """Return what HACS would say about hacs.json."""
    faults = [f"{key} is unknown" for key in hacs if key not in HACS_KEYS]
    if not hacs.get("name"):
        faults.append("name is missing")
    if hacs.get("zip_release") and not hacs.get("filename"):
        faults.append("zip_release needs filename")
    if AwesomeVersion(hacs.get("homeassistant", "0")) > __version__:
        faults.append("asks for a newer Home Assistant than the tests run on")
    return faults


def test_the_manifest_is_one_hassfest_and_hacs_take() -> None:
    """Keys, their order, owners, addresses, dependencies and pins are right."""
    assert manifest_faults(MANIFEST) == []


def test_the_iot_class_is_the_one_of_the_mode_that_promises_least() -> None:
    """Of the three modes, only a phone in the own network works without internet.

    The manifest has one class for all: local_push would promise that to accounts of
    the cloud, too. Messages are pushed in each mode; polling is what is left without.
    """
    assert MANIFEST["iot_class"] == "cloud_push"


def _first(key: str) -> Change:
    def move(manifest: dict[str, Any]) -> None:
        rest = dict(manifest)
        manifest.clear()
        manifest[key] = rest.pop(key)
        manifest.update(rest)

    return move


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        *(
            pytest.param(lambda it, key=key: it.pop(key), f"{key} is missing", id=key)
            for key in sorted(REQUIRED)
        ),
        pytest.param(
            lambda it: it.update(zz="x"), "zz is unknown", id="an unknown key"
        ),
        pytest.param(_first("version"), "not in order", id="version first"),
        pytest.param(_first("name"), "not in order", id="name before domain"),
        pytest.param(
            lambda it: it.update(domain="sms"), "folder's name", id="another domain"
        ),
        pytest.param(
            lambda it: it.update(iot_class="push"), "iot_class is", id="no iot_class"
        ),
        pytest.param(
            lambda it: it.update(integration_type="virtual"),
            "integration_type is",
            id="a virtual integration",
        ),
        pytest.param(
            lambda it: it.update(version="1.0"), "like 1.0.0", id="a short version"
        ),
        pytest.param(
            lambda it: it.update(documentation="http://a.example"),
            "documentation is no https",
            id="an address without https",
        ),
        pytest.param(
            lambda it: it.update(
                documentation="https://www.home-assistant.io/integrations/sms_gate"
            ),
            "Home Assistant's own",
            id="Home Assistant's documentation",
        ),
        pytest.param(
            lambda it: it.update(codeowners=["me"]), "lacks the @", id="owner without @"
        ),
        pytest.param(
            lambda it: it.update(codeowners=[]), "nobody owns", id="without owner"
        ),
        pytest.param(
            lambda it: it.update(dependencies=["http", "htpp"]),
            "there is no htpp",
            id="a misspelt dependency",
        ),
        pytest.param(
            lambda it: it.update(after_dependencies=["sensor"]),
            "sensor is a platform",
            id="a platform as dependency",
        ),
        pytest.param(
            lambda it: it.update(after_dependencies=["http"]),
            "http is a dependency twice",
            id="a dependency twice",
        ),
        pytest.param(
            lambda it: it.update(requirements=["phonenumberslite>=9"]),
            "is not pinned",
            id="an open requirement",
        ),
    ],
)
def test_the_rule_for_the_manifest_notices(change: Change, fault: str) -> None:
    """One change to the manifest is one more fault."""
    manifest = deepcopy(MANIFEST)
    change(manifest)
    assert any(fault in found for found in manifest_faults(manifest))


def test_hacs_json_is_one_hacs_takes() -> None:
    """Only known keys, and a Home Assistant the tests have seen."""
    assert hacs_faults(HACS) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"domains": []}, "domains is unknown", id="an unknown key"),
        pytest.param({"name": ""}, "name is missing", id="without a name"),
        pytest.param({"zip_release": True}, "needs filename", id="zip without name"),
        pytest.param({"homeassistant": "2099.1.0"}, "newer", id="a version to come"),
    ],
)
def test_the_rule_for_hacs_json_notices(change: dict[str, Any], fault: str) -> None:
    """One change to hacs.json is one fault."""
    (found,) = hacs_faults({**HACS, **change})
    assert fault in found


def test_the_version_is_the_same_everywhere() -> None:
    """manifest.json is what Home Assistant shows, pyproject.toml what tools read."""
    assert MANIFEST["version"] == PROJECT["version"]


def test_what_the_manifest_asks_for_is_what_the_tests_run_with() -> None:
    """Each requirement has the same pin in requirements_test.txt."""
    pins = (ROOT / "requirements_test.txt").read_text().splitlines()
    assert [it for it in MANIFEST["requirements"] if it not in pins] == []


def test_a_config_flow_is_said_where_there_is_one() -> None:
    """``config_flow`` in the manifest and ``config_flow.py`` come together."""
    assert MANIFEST["config_flow"] is (INTEGRATION / "config_flow.py").is_file()


def test_every_json_file_of_the_integration_can_be_read() -> None:
    """And is text in UTF-8."""
    files = [path for path in repository_files() if path.suffix == ".json"]
    own = [path for path in files if path.is_relative_to(INTEGRATION)]
    assert len(own) >= 4
    for path in own:
        load_json(path)


def test_there_is_one_integration_in_the_repository() -> None:
    """HACS takes one folder."""
    files = [path.relative_to(ROOT) for path in repository_files()]
    folders = {it.parts[1] for it in files if it.parts[0] == "custom_components"}
    assert folders == {INTEGRATION.name}


def test_there_is_one_manifest_in_the_repository() -> None:
    """The validators look for it everywhere."""
    found = [path for path in repository_files() if path.name == "manifest.json"]
    assert found == [INTEGRATION / "manifest.json"]
