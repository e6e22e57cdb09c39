"""The table of rows names tests that exist."""

import ast
from pathlib import Path
import re

from tests.repository.source import ROOT

TABLE = Path(__file__).parent / "README.md"
ROWS = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if "::" in line]


def parameters(path: str) -> dict[str, set[str]]:
    """Return the tests of a file, each with the texts that may be its parameters' ids."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name: {
            str(part.value)
            for decorator in node.decorator_list
            for part in ast.walk(decorator)
            if isinstance(part, ast.Constant)
        }
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_test_that_is_named_exists() -> None:
    """Whoever renames a test renames it here."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)(?:\[([^]]+)\])?`", "\n".join(ROWS))
    assert len(named) == sum(row.count("::") for row in ROWS)
    files = {path: parameters(path) for path, *_ in named}
    for path, test, parameter in named:
        assert test in files[path], f"{path}::{test}"
        assert not parameter or parameter in files[path][test], f"{test}[{parameter}]"


def test_every_row_has_a_test() -> None:
    """A row without one would be a gap that nobody sees."""
    text = TABLE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) - len(ROWS) == text.count("\n## ")
