"""Who may import whom: downwards only, and nothing unlisted of Home Assistant."""

from graphlib import CycleError, TopologicalSorter

import pytest

from .source import (
    INTEGRATION,
    PLATFORMS,
    Tree,
    code,
    imported,
    load_json,
    modules,
    own_imports,
)

# These could leave for a library of their own: nothing of Home Assistant in them
PURE = {
    "client",
    "encryption",
    "errors",
    "events",
    "handover",
    "models",
    "parts",
    "payload",
    "progress",
    "tracked",
}
# Always there, or only types: hassfest asks for no dependency on them
FREE = {"frontend", "persistent_notification", "webhook", "websocket_api"} | PLATFORMS
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
                if component not in FREE | listed | {name}:
                    faults.append(f"{name} imports {component}")
    return faults


def cycle(tree: Tree) -> list[str]:
    """Return the first circle of imports, if there is one."""
    graph = {name: own_imports(module, set(tree)) for name, module in tree.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as err:
        found: list[str] = err.args[1]
        return found
    return []


def imports_of_the_package(tree: Tree) -> list[str]:
    """Return the modules that import ``__init__``."""
    return [
        name
        for name, module in tree.items()
        if "__init__" in own_imports(module, set(tree))
    ]


def impure(tree: Tree, pure: set[str]) -> list[str]:
    """Return what of Home Assistant pure modules import, themselves or by others."""
    faults = []
    for start in sorted(pure & set(tree)):
        waiting, seen = [start], {start}
        while waiting:
            name = waiting.pop()
            faults += [
                f"{start}: {name} imports {full}"
                for full in sorted(imported(tree[name]))
                if full.partition(".")[0] == "homeassistant"
            ]
            new = own_imports(tree[name], set(tree)) - seen
            waiting += new
            seen |= new
    return faults


def test_imported_components_are_in_the_manifest() -> None:
    """Home Assistant sets up first what we import."""
    assert unlisted(modules(), LISTED) == []


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
    """Modules import downwards only, also where a function imports late."""
    assert cycle(modules()) == []


def test_the_rule_for_circles_notices() -> None:
    """A circle is found over modules and functions, not over types."""
    circle = {"a": "from .b import x", "b": "def f():\n    from . import a"}
    assert set(cycle(code(**circle))) == {"a", "b"}
    types = {"a": "from .b import x", "b": "if TYPE_CHECKING:\n    from .a import y"}
    assert cycle(code(**types)) == []


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


@pytest.mark.parametrize("name", sorted(PURE))
def test_the_protocol_knows_nothing_of_home_assistant(name: str) -> None:
    """Neither itself nor by what it imports."""
    assert name in modules()
    assert impure(modules(), {name}) == []


def test_the_rule_for_the_protocol_notices() -> None:
    """Also where the import hides in another module; types are free."""
    hidden = code(models="from .const import A", const="import homeassistant.const")
    assert impure(hidden, PURE) == ["models: const imports homeassistant.const"]
    typed = code(models="if TYPE_CHECKING:\n    import homeassistant.core")
    assert impure(typed, PURE) == []
