"""The repository as the rules read it: files, modules, their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import subprocess
from typing import Any

from homeassistant.const import Platform
from homeassistant.util.yaml import parse_yaml

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "sms_gate"
TRANSLATIONS = INTEGRATION / "translations"
PACKAGE = "custom_components.sms_gate"
# Inwards to outwards: a folder imports those before it
FOLDERS = tuple(
    name
    for name in ("gateway", "account", "receive", "send", "messages", "assist")
    if (INTEGRATION / name).is_dir()
)
PLATFORMS = frozenset(platform.value for platform in Platform)

type Tree = dict[str, ast.Module]


@cache
def repository_files() -> tuple[Path, ...]:
    """Return the files git has, or would take with the next commit."""
    # 'safe.directory': a checkout may belong to somebody else than who tests it
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(path for name in names if (path := ROOT / name).is_file())


def load_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's content."""
    content = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def described_in(name: str) -> dict[str, Any]:
    """Return what a file describes, without what only its anchors are for."""
    content = load_yaml(INTEGRATION / name)
    return {key: value for key, value in content.items() if not key.startswith(".")}


def load_yaml(path: Path) -> dict[Any, Any]:
    """Return a YAML file's content, empty where there is no such file."""
    if not path.exists():
        return {}
    content = parse_yaml(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@cache
def modules() -> Tree:
    """Return the integration's modules by dotted name, with absolute imports.

    ``gateway.client`` is a module of a folder, ``gateway`` the folder's own file.
    """
    return {
        module_name(path): _parse(path.read_text(encoding="utf-8"), module_name(path))
        for path in sorted(INTEGRATION.rglob("*.py"))
    }


def module_name(path: Path) -> str:
    """Return a file's dotted name below the integration."""
    parts = path.relative_to(INTEGRATION).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def code(**sources: str) -> Tree:
    """Return made-up modules, to show what a rule finds; ``a__b`` stands for ``a.b``."""
    names = {
        name: name if name == "__init__" else name.replace("__", ".")
        for name in sources
    }
    return {
        names[name]: _parse(source, names[name]) for name, source in sources.items()
    }


def _parse(source: str, name: str) -> ast.Module:
    """Parse a module and make its relative imports absolute."""
    tree = ast.parse(source, f"{name}.py")
    parents = [*PACKAGE.split("."), *name.split(".")[:-1]]
    if name in FOLDERS:
        parents.append(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = parents[: len(parents) - node.level + 1]
            node.module = ".".join([*base, *filter(None, [node.module])])
            node.level = 0
    return tree


def runtime(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run; what stands under TYPE_CHECKING does not."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from runtime(other)
        else:
            yield from runtime(node)


def imported(tree: ast.AST, *, types: bool = False) -> set[str]:
    """Return the full names of what a module imports, at any depth of its code.

    What stands under TYPE_CHECKING counts only with ``types``.
    """
    names: set[str] = set()
    for node in ast.walk(tree) if types else runtime(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own_imports(tree: ast.AST, known: set[str], *, types: bool = False) -> set[str]:
    """Return which of the integration's own modules a module imports."""
    found = set()
    for full in imported(tree, types=types):
        if full == PACKAGE or full.startswith(f"{PACKAGE}."):
            name = full.removeprefix(PACKAGE).lstrip(".")
            while name and name not in known:
                name = name.rpartition(".")[0]
            found.add(name or "__init__")
    return found


def where(name: str, node: ast.AST) -> str:
    """Return where a node stands, as editors understand it."""
    return f"{name}.py:{getattr(node, 'lineno', 0)}"


def called(node: ast.Call) -> str:
    """Return the last part of what is called: ``b`` of ``a.b()``."""
    return ast.unparse(node.func).rpartition(".")[2]


def calls(tree: Tree) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call with the name of the module it stands in."""
    for name, module in tree.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                yield name, node


def keyword(node: ast.Call, name: str) -> ast.expr | None:
    """Return a call's argument by its name."""
    return next((item.value for item in node.keywords if item.arg == name), None)
