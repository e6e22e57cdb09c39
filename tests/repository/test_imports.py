"""Who may import whom: downwards only, and nothing unlisted of Home Assistant."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from homeassistant import components
import pytest

from .source import (
    FOLDERS,
    INTEGRATION,
    PLATFORMS,
    Tree,
    code,
    imported,
    load_json,
    modules,
    own_imports,
)

# Always there, or only types: hassfest asks for no dependency on them
FREE = {"frontend", "persistent_notification", "webhook", "websocket_api"} | PLATFORMS
COMPONENTS = Path(components.__path__[0])
IMPORTS = (ast.Import, ast.ImportFrom)
PROTOCOL = "gateway"
# The one module that names all parts; it needs their types only
RUNTIME = "runtime"
# Files that Home Assistant looks for by name, and those its own integrations have
PRESCRIBED = {
    "__init__",
    "backup",
    "condition",
    "config_flow",
    "const",
    "diagnostics",
    "entity",
    "intent",
    "llm",
    "logbook",
    "repairs",
    "services",
    "system_health",
    "trigger",
    "websocket_api",
}
OWN_NAMES = {
    "contact_flow",
    "legacy_notify",
    "migration",
    "options_flow",
    "phone_sensor",
    "runtime",
    "service_schemas",
}
MANIFEST = load_json(INTEGRATION / "manifest.json")
LISTED = {*MANIFEST["dependencies"], *MANIFEST.get("after_dependencies", ())}


def unlisted(tree: Tree, listed: set[str]) -> list[str]:
    """Return imports of components the manifest does not name.

    A module named like the component (``diagnostics.py``) is the component's
    platform and runs only where the component does.
    """
    faults = []
    for name, module in tree.items():
        for full in sorted(imported(module)):
            if full.startswith("homeassistant.components."):
                component = full.split(".")[2]
                if component not in FREE | listed | {name.rpartition(".")[2]}:
                    faults.append(f"{name} imports {component}")
    return faults


def needs_more(tree: Tree, listed: set[str]) -> list[str]:
    """Return platforms that are imported with the module and need a library.

    It may be missing: only their own integrations have Home Assistant install it.
    """
    return [
        f"{name} imports {full.split('.')[2]}"
        for name, module in tree.items()
        for full in sorted(imported(at_once(module)))
        if full.startswith("homeassistant.components.")
        if full.split(".")[2] in PLATFORMS - listed
        if load_json(COMPONENTS / full.split(".")[2] / "manifest.json").get(
            "requirements"
        )
    ]


def at_once(module: ast.Module) -> ast.Module:
    """Return the statements that run with the module itself."""
    return ast.Module([it for it in module.body if isinstance(it, IMPORTS)], [])


def cycle(tree: Tree) -> list[str]:
    """Return the first circle of imports, if there is one; types count."""
    graph = {
        name: own_imports(module, set(tree), types=name != RUNTIME)
        for name, module in tree.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as err:
        found: list[str] = err.args[1]
        return found
    return []


def against_the_direction(tree: Tree) -> list[str]:
    """Return imports that lead outwards: from a folder to one after it, or to the top."""
    return [
        f"{name} imports {other}"
        for name, module in tree.items()
        if name not in {"__init__", RUNTIME}
        for other in sorted(own_imports(module, set(tree), types=True))
        if place(other) > place(name)
    ]


def place(name: str) -> int:
    """Return how far outwards a module stands; ``const`` is for everyone."""
    if name == "const":
        return -1
    folder = name.partition(".")[0]
    if folder in FOLDERS:
        return FOLDERS.index(folder)
    return len(FOLDERS) + (name == "__init__")


def imports_of_the_package(tree: Tree) -> list[str]:
    """Return the modules that import ``__init__``."""
    return [
        name
        for name, module in tree.items()
        if "__init__" in own_imports(module, set(tree))
    ]


def impure(tree: Tree) -> list[str]:
    """Return what the protocol's folder imports of Home Assistant."""
    return [
        f"{name} imports {full}"
        for name, module in tree.items()
        if name.partition(".")[0] == PROTOCOL
        for full in sorted(imported(module, types=True))
        if full.partition(".")[0] == "homeassistant"
    ]


def test_imported_components_are_in_the_manifest() -> None:
    """Home Assistant sets up first what we import."""
    assert unlisted(modules(), LISTED) == []


def test_no_import_needs_a_library_that_may_be_missing() -> None:
    """A Home Assistant without cameras has no library for their pictures."""
    assert needs_more(modules(), LISTED) == []
    camera = "from homeassistant.components import camera, image"
    assert needs_more(code(mms=camera), LISTED) == ["mms imports camera"]
    assert needs_more(code(mms=f"def late():\n    {camera}"), LISTED) == []


@pytest.mark.parametrize(
    "line",
    [
        "from homeassistant.components.cloud import async_active_subscription",
        "from homeassistant.components import cloud",
        "import homeassistant.components.cloud",
        "def late():\n    from homeassistant.components import cloud",
    ],
)
def test_the_rule_for_components_notices(line: str) -> None:
    """However a component is imported; types are free, platforms of it as well."""
    assert unlisted(code(webhook=line), {"http"}) == ["webhook imports cloud"]
    assert unlisted(code(webhook=line), {"http", "cloud"}) == []
    assert unlisted(code(cloud=line), {"http"}) == []
    indented = "\n".join(f"    {part}" for part in line.splitlines())
    typed = f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n{indented}"
    assert unlisted(code(webhook=typed), {"http"}) == []


def test_imports_run_in_no_circle() -> None:
    """Also where a function imports late, or only a type is meant."""
    assert cycle(modules()) == []


def test_the_rule_for_circles_notices() -> None:
    """A circle is found over modules, functions and types; not over runtime's types."""
    circle = {"a": "from .b import x", "b": "def f():\n    from . import a"}
    assert set(cycle(code(**circle))) == {"a", "b"}
    typed = "if TYPE_CHECKING:\n    from .a import y"
    assert set(cycle(code(a="from .b import x", b=typed))) == {"a", "b"}
    assert cycle(code(a="from .runtime import x", runtime=typed)) == []


def test_imports_follow_the_direction() -> None:
    """Each folder imports itself, folders before it, and ``const``."""
    assert against_the_direction(modules()) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("gateway__client", "from ..account.phones import Phones"),
        ("account__issues", "def f():\n    from ..receive import registration"),
        ("receive__view", "if TYPE_CHECKING:\n    from ..runtime import x"),
        ("send__draft", "from ..service_schemas import x"),
        ("receive__pipeline", "from ..send.sender import x"),
    ],
)
def test_the_rule_for_the_direction_notices(name: str, line: str) -> None:
    """From a folder to a later one or the top; late, or only for a type."""
    others = dict.fromkeys(
        (
            "account__phones",
            "const",
            "gateway__client",
            "receive__registration",
            "runtime",
            "send__sender",
            "service_schemas",
        ),
        "",
    )
    assert len(against_the_direction(code(**{**others, name: line}))) == 1
    fine = "from ..const import a\nfrom ..gateway import client"
    assert against_the_direction(code(**{**others, name: fine})) == []


def test_few_names_at_the_top_are_our_own() -> None:
    """Home Assistant prescribes the others."""
    top = {name for name in modules() if name not in FOLDERS and "." not in name}
    assert top - PRESCRIBED - PLATFORMS <= OWN_NAMES


def test_nothing_imports_the_wiring() -> None:
    """``__init__`` puts the parts together, so no part may need it."""
    assert imports_of_the_package(modules()) == []


@pytest.mark.parametrize(
    "line",
    ["from . import PLATFORMS", "from custom_components.sms_gate import PLATFORMS"],
)
def test_the_rule_for_the_wiring_notices(line: str) -> None:
    """A name of the package is the package's own unless it is a module."""
    assert imports_of_the_package(code(a=line)) == ["a"]
    assert imports_of_the_package(code(a="from . import b", b="")) == []


def test_the_protocol_knows_nothing_of_home_assistant() -> None:
    """The folder could leave for a library of its own."""
    assert impure(modules()) == []


def test_the_rule_for_the_protocol_notices() -> None:
    """Also where only a type is meant, and only in that folder."""
    typed = "if TYPE_CHECKING:\n    import homeassistant.core"
    assert len(impure(code(gateway__models=typed))) == 1
    assert impure(code(account__login="import homeassistant.core")) == []
