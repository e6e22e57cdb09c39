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


def load_yaml(path: Path) -> dict[Any, Any]:
    """Return a YAML file's content, empty where there is no such file."""
    if not path.exists():
        return {}
    content = parse_yaml(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@cache
def modules() -> Tree:
    """Return the integration's modules by name, parsed."""
    return {
        path.stem: ast.parse(path.read_text(encoding="utf-8"), path.name)
        for path in sorted(INTEGRATION.glob("*.py"))
    }


def code(**sources: str) -> Tree:
    """Return made-up modules, to show what a rule finds."""
    return {name: ast.parse(source) for name, source in sources.items()}


def runtime(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run; what stands under TYPE_CHECKING does not."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from runtime(other)
        else:
            yield from runtime(node)


def imported(tree: ast.AST, package: str = PACKAGE) -> set[str]:
    """Return the full names of what a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in runtime(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def own_imports(tree: ast.AST, known: set[str]) -> set[str]:
    """Return which of the integration's own modules a module imports."""
    found = set()
    for name in imported(tree):
        if name == PACKAGE or name.startswith(f"{PACKAGE}."):
            first = name.removeprefix(PACKAGE).lstrip(".").partition(".")[0]
            found.add(first if first in known else "__init__")
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
