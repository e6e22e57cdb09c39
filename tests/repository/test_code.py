"""How the integration's code is written, where no linter looks."""

import ast
import re

import pytest

from .source import (
    INTEGRATION,
    PLATFORMS,
    Tree,
    called,
    calls,
    code,
    module_name,
    modules,
    where,
)

MAX_LINES = 400
LEVELS = {
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "critical",
    "log",
}
# Never in the log, at any level: who was written to, what, and with which secret
PRIVATE = {
    "body",
    "contact",
    "data",
    "message",
    "passphrase",
    "password",
    "phone_number",
    "phone_numbers",
    "recipient",
    "recipients",
    "secret",
    "sender",
    "signing_key",
    "text",
    "url",
    "username",
    "webhook_id",
}


def logger_faults(tree: Tree) -> list[str]:
    """Return logger calls whose text is not constant or does not fit its values."""
    faults = []
    for name, node in calls(tree):
        if called(node) not in LEVELS or "logg" not in ast.unparse(node.func).lower():
            continue
        arguments = node.args[1:] if called(node) == "log" else node.args
        match arguments:
            case [ast.Constant(value=str(text)), *values]:
                places = re.findall(r"%[^%]", text.replace("%%", ""))
                if set(places) - {"%s", "%d", "%r"} or len(places) != len(values):
                    faults.append(f"{where(name, node)}: {len(values)} for {text!r}")
                faults += [
                    f"{where(name, node)}: logs {ast.unparse(value)}"
                    for value in values
                    if set(re.findall(r"\w+", ast.unparse(value))) & PRIVATE
                ]
            case _:
                faults.append(f"{where(name, node)}: the text is not constant")
    return faults


def prints(tree: Tree) -> list[str]:
    """Return calls that write past the log."""
    return [
        where(name, node)
        for name, node in calls(tree)
        if ast.unparse(node.func) in {"print", "pprint", "sys.stdout.write"}
    ]


def futures(tree: Tree) -> list[str]:
    """Return imports that Python 3.14 needs no more."""
    return [
        where(name, node)
        for name, module in tree.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]


def broad_excepts(tree: Tree) -> list[str]:
    """Return handlers that catch what nobody thought of, or catch it in silence.

    A dialog may catch it, and so may the answer to a cloudhook: Home Assistant's
    webhook component would answer 200 in its place, and the message be lost.
    """
    return [
        where(name, node)
        for name, module in tree.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or set(re.findall(r"\w+", ast.unparse(node.type)))
            & {"Exception", "BaseException"}
        )
        and (
            name not in {"config_flow", "receive.cloudhook"}
            or "_LOGGER.exception(" not in ast.unparse(node)
        )
    ]


def _assigned(module: ast.Module) -> dict[str, ast.expr | None]:
    """Return what a module assigns at its top."""
    found: dict[str, ast.expr | None] = {}
    for node in module.body:
        if isinstance(node, ast.Assign):
            found |= {ast.unparse(target): node.value for target in node.targets}
        elif isinstance(node, ast.AnnAssign):
            found[ast.unparse(node.target)] = node.value
    return found


def platform_faults(tree: Tree) -> list[str]:
    """Return platforms that say nothing of parallel updates, or nobody loads."""
    wiring = _assigned(tree["__init__"]).get("PLATFORMS") or ast.List([])
    loaded = {it.lower() for it in re.findall(r"Platform\.(\w+)", ast.unparse(wiring))}
    present = set(tree) & PLATFORMS
    faults = [f"{name} is not loaded" for name in sorted(present - loaded)]
    faults += [f"{name} is missing" for name in sorted(loaded - present)]
    return faults + [
        f"{name} has no PARALLEL_UPDATES"
        for name in sorted(present)
        if "PARALLEL_UPDATES" not in _assigned(tree[name])
    ]


def schema_faults(tree: Tree) -> list[str]:
    """Return what is wrong where YAML meets an integration that takes none of it."""
    names = {
        node.name
        for node in tree["__init__"].body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    schema = _assigned(tree["__init__"]).get("CONFIG_SCHEMA")
    wanted = "cv.config_entry_only_config_schema(DOMAIN)"
    if "async_setup" in names and (schema is None or ast.unparse(schema) != wanted):
        return ["async_setup without CONFIG_SCHEMA"]
    return []


def showing(tree: Tree) -> list[str]:
    """Return fields of data classes that would show a text or number in a log."""
    private = PRIVATE - {"contact", "data", "message", "recipients"}
    return [
        f"{where(name, node)}: {ast.unparse(node.target)}"
        for name, module in tree.items()
        for cls in ast.walk(module)
        if isinstance(cls, ast.ClassDef)
        and any("dataclass" in ast.unparse(it) for it in cls.decorator_list)
        for node in cls.body
        if isinstance(node, ast.AnnAssign)
        and re.match(
            r"(str|tuple\[str, \.\.\.\]|bytes)\b", ast.unparse(node.annotation)
        )
        and ast.unparse(node.target) in private
        and "repr=False" not in ast.unparse(node)
    ]


RULES = {
    "logger": logger_faults,
    "print": prints,
    "future": futures,
    "except": broad_excepts,
    "repr": showing,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_code_keeps_the_rule(rule: object) -> None:
    """No module breaks it."""
    assert callable(rule)
    assert rule(modules()) == []


def test_a_module_is_read_in_one_sitting() -> None:
    """No module has more than 400 lines."""
    lengths = {
        module_name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in INTEGRATION.rglob("*.py")
    }
    assert len(lengths) > 30
    assert {name: it for name, it in lengths.items() if it > MAX_LINES} == {}


def test_yaml_of_the_integration_is_refused_politely() -> None:
    """``async_setup`` wants a ``CONFIG_SCHEMA`` that says so."""
    assert schema_faults(modules()) == []
    setup = "async def async_setup(hass, config): pass"
    fault = ["async_setup without CONFIG_SCHEMA"]
    assert schema_faults(code(__init__=setup)) == fault
    assert schema_faults(code(__init__=f"CONFIG_SCHEMA = 1\n{setup}")) == fault


def test_every_platform_is_loaded_and_says_how_it_updates() -> None:
    """PLATFORMS and the platform modules agree."""
    assert platform_faults(modules()) == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        pytest.param("logger", "_LOGGER.info(f'a {b}')", id="f-string"),
        pytest.param("logger", "_LOGGER.info('a %s' % b)", id="formatted early"),
        pytest.param("logger", "_LOGGER.info('a {}'.format(b))", id="format"),
        pytest.param("logger", "_LOGGER.info('a ' + b)", id="sum"),
        pytest.param("logger", "_LOGGER.info(text)", id="a variable"),
        pytest.param("logger", "_LOGGER.info('a %s')", id="a value is missing"),
        pytest.param("logger", "_LOGGER.info('a', b)", id="a place is missing"),
        pytest.param("logger", "_LOGGER.info('a %(b)s', c)", id="named place"),
        pytest.param("logger", "_LOGGER.log(10, f'a {b}')", id="log with a level"),
        pytest.param("logger", "logging.getLogger('x').info(a)", id="another logger"),
        pytest.param("logger", "_LOGGER.debug('a %s', sms.text)", id="a text"),
        pytest.param("logger", "_LOGGER.debug('%s', a[CONF].sender)", id="a number"),
        pytest.param("print", "print('a')", id="print"),
        pytest.param("future", "from __future__ import annotations", id="future"),
        pytest.param("except", "try:\n  a\nexcept Exception:\n  b", id="Exception"),
        pytest.param("except", "try:\n  a\nexcept:\n  b", id="bare"),
        pytest.param(
            "except",
            "try:\n  a\nexcept (OSError, BaseException):\n  b",
            id="in a tuple",
        ),
        pytest.param(
            "repr", "@dataclass\nclass A:\n  text: str | None = None", id="text shown"
        ),
    ],
)
def test_the_rule_notices(rule: str, line: str) -> None:
    """One made-up line is one fault."""
    assert len(RULES[rule](code(tracker=line))) == 1


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        pytest.param("logger", "_LOGGER.log(10, '%s of %d%%', a, b)", id="two places"),
        pytest.param("logger", "self.hass.log('x' + y)", id="not a logger"),
        pytest.param("except", "try:\n  a\nexcept OSError:\n  b", id="a narrow one"),
        pytest.param(
            "repr",
            "@dataclass\nclass A:\n  text: str = field(repr=False)",
            id="text left out",
        ),
    ],
)
def test_the_rule_lets_pass(rule: str, line: str) -> None:
    """What is right is no fault."""
    assert RULES[rule](code(tracker=line)) == []


def test_a_dialog_may_catch_everything_but_not_in_silence() -> None:
    """Whoever reads the log must see what happened."""
    quiet = "try:\n  a\nexcept Exception:\n  b"
    told = "try:\n  a\nexcept Exception:\n  _LOGGER.exception('b')"
    assert broad_excepts(code(config_flow=quiet)) == ["config_flow.py:3"]
    assert broad_excepts(code(config_flow=told)) == []
    assert broad_excepts(code(tracker=told)) == ["tracker.py:3"]


@pytest.mark.parametrize(
    ("sources", "fault"),
    [
        ({"__init__": "PLATFORMS = []"}, "sensor is not loaded"),
        (
            {"__init__": "PLATFORMS: Final = [Platform.SENSOR, Platform.EVENT]"},
            "event is missing",
        ),
        (
            {"__init__": "PLATFORMS = [Platform.SENSOR]", "sensor": "A = 1"},
            "sensor has no PARALLEL_UPDATES",
        ),
    ],
    ids=["not loaded", "missing", "no parallel updates"],
)
def test_the_rule_for_platforms_notices(sources: dict[str, str], fault: str) -> None:
    """One made-up package is one fault."""
    tree = code(**{"sensor": "PARALLEL_UPDATES = 0", **sources})
    assert platform_faults(tree) == [fault]
