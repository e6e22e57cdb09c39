"""Which keys of translations the code uses, found in its syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from .source import Tree, called, calls, keyword, where

# What Home Assistant aborts with where a flow calls one of these
_ABORTS = {
    "_abort_if_unique_id_configured": {"already_configured"},
    "_abort_if_unique_id_mismatch": {"unique_id_mismatch"},
    "_async_abort_entries_match": {"already_configured"},
}
_ENDS = {"async_abort", "AbortFlow"}
_UPDATES = {"async_update_and_abort", "async_update_reload_and_abort"}
# Names of entities; issues, whose kinds are a closed list with a test of its own
_OTHERWISE = ("Description", "async_create_issue")
_KINDS = {
    "DeviceInfo": "device",
    "async_get_or_create": "device",
}

type Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Use:
    """A place that needs a translation."""

    place: str
    kind: str
    keys: frozenset[str]
    given: frozenset[str] | None = None
    """Names of the placeholders, None where only the running code knows."""


@dataclass
class Reader:
    """Finds out which texts an expression can be."""

    tree: Tree
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Remember in which function each node stands, and what is made where."""
        self._inside: dict[ast.AST, Function] = {}
        self._functions: dict[str, list[Function]] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        self._constants: dict[str, ast.expr] = {}
        for module in self.tree.values():
            self._constants |= dict(_assignments(module.body))
            for node in ast.walk(module):
                if isinstance(node, ast.ClassDef):
                    self._classes[node.name] = node
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._functions.setdefault(node.name, []).append(node)
                    # Outer functions come first, so that inner ones win
                    self._inside |= dict.fromkeys(ast.walk(node), node)

    def texts(self, name: str, node: ast.expr | None) -> frozenset[str]:
        """Return all texts an expression of a module can be."""
        return frozenset(self._texts(name, node, frozenset()))

    def _texts(
        self, name: str, node: ast.expr | None, seen: frozenset[ast.AST]
    ) -> set[str]:
        if node is None or node in seen:
            return set()
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        sources = self._sources(node)
        if sources is None:
            self.unknown.append(f"{where(name, node)}: {ast.unparse(node)}")
            return set()
        return {text for it in sources for text in self._texts(name, it, seen | {node})}

    def _sources(self, node: ast.expr) -> list[ast.expr] | None:
        """Return what an expression takes its value from, None if nobody knows."""
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                return [body, orelse]
            case ast.BoolOp(values=values):
                return values
            case ast.Await(value=value):
                return [value]
            case ast.Name(id=variable):
                return self._variable(node, variable)
            case ast.Attribute(attr="translation_key"):
                return []  # handed on; counted where the error is made
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                if owner.capitalize() in self._classes and owner.islower():
                    return self._made_with(owner.capitalize(), attribute)
                if owner in self._classes:
                    return [
                        value
                        for key, value in _assignments(self._classes[owner].body)
                        if key == attribute
                    ] or None
                return self._attribute(attribute)
            case ast.Subscript(value=ast.Name(id=variable)):
                constant = self._constants.get(variable)
                return constant.values if isinstance(constant, ast.Dict) else None
            case ast.Call():
                return [
                    found.value
                    for function in self._functions.get(called(node), ())
                    for found in ast.walk(function)
                    if isinstance(found, ast.Return) and found.value is not None
                ] or None
        return None

    def origins(
        self, node: ast.expr, seen: frozenset[ast.AST] = frozenset()
    ) -> Iterator[ast.expr]:
        """Yield an expression and all it takes its value from."""
        yield node
        for source in self._sources(node) or ():
            if source not in seen:
                yield from self.origins(source, seen | {node})

    def _variable(self, node: ast.expr, name: str) -> list[ast.expr] | None:
        """Return what a variable, parameter or constant can be."""
        function = self._inside.get(node)
        if function is not None:
            local = [
                value for key, value in _assignments(ast.walk(function)) if key == name
            ]
            if name in _parameters(function):
                local += self._arguments(function.name, function, name)
            if local:
                return local
        constant = self._constants.get(name)
        return [constant] if constant is not None else None

    def _made_with(self, cls: str, attribute: str) -> list[ast.expr] | None:
        """Return what objects of a dataclass, named like it, are made with."""
        return [
            value
            for _, call in calls(self.tree)
            if called(call) == cls and (value := keyword(call, attribute)) is not None
        ] or None

    def _attribute(self, attribute: str) -> list[ast.expr] | None:
        """Return what the classes' makers put into ``self.<attribute>``."""
        found: list[ast.expr] = []
        for cls in self._classes.values():
            for node in ast.walk(cls):
                match node:
                    case ast.Assign(
                        targets=[ast.Attribute(value=ast.Name(id="self"), attr=attr)],
                        value=ast.Name(id=parameter),
                    ) if attr == attribute and (made := self._inside.get(node)):
                        found += self._arguments(cls.name, made, parameter)
        return found or None

    def _arguments(
        self, name: str, function: Function, parameter: str
    ) -> list[ast.expr]:
        """Return what is given for a parameter, wherever it is called."""
        positional = [it.arg for it in function.args.args]
        if positional[:1] in (["self"], ["cls"]):
            del positional[0]
        found: list[ast.expr] = []
        for _, call in calls(self.tree):
            if called(call) == name:
                if (value := keyword(call, parameter)) is not None:
                    found.append(value)
                elif parameter in positional[: len(call.args)]:
                    found.append(call.args[positional.index(parameter)])
        return found


def _parameters(function: Function) -> set[str]:
    arguments = function.args
    return {it.arg for it in [*arguments.args, *arguments.kwonlyargs]}


def _assignments(nodes: object) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and what is assigned to them."""
    for node in nodes:  # type: ignore[attr-defined]
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value


def _names(node: ast.expr | None) -> frozenset[str] | None:
    """Return a literal dict's keys."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Dict) and all(
        isinstance(key, ast.Constant) for key in node.keys
    ):
        return frozenset(key.value for key in node.keys)  # type: ignore[union-attr]
    return None


def uses(reader: Reader) -> Iterator[Use]:
    """Yield what needs a translation: errors, devices, selectors."""
    for name, node in calls(reader.tree):
        key = keyword(node, "translation_key")
        function = called(node)
        if function in {"failure", "mistake"}:
            given = frozenset(it.arg or "**" for it in node.keywords)
            keys = reader.texts(name, node.args[0])
            yield Use(where(name, node), "exceptions", keys, given)
        elif key is not None and not function.endswith(_OTHERWISE):
            kind = _KINDS.get(function)
            if kind is None and function.endswith("SelectorConfig"):
                kind = "selector"
            if kind is None and keyword(node, "translation_domain") is not None:
                kind = "exceptions"
            yield Use(
                where(name, node),
                kind or f"unknown: {function}",
                reader.texts(name, key),
                _names(keyword(node, "translation_placeholders")),
            )


def selectors_of_actions(content: object, place: str = "") -> Iterator[Use]:
    """Yield the selectors of services.yaml or triggers.yaml that need texts."""
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        if key == "translation_key" and isinstance(value, str):
            yield Use(place, "selector", frozenset({value}))
        else:
            yield from selectors_of_actions(value, f"{place}.{key}")


def handed_on_bare(reader: Reader) -> list[str]:
    """Return errors with another error's key but without its placeholders."""
    return [
        where(name, node)
        for name, node in calls(reader.tree)
        if (key := keyword(node, "translation_key")) is not None
        and keyword(node, "translation_placeholders") is None
        and any(
            isinstance(it, ast.Attribute) and it.attr == "translation_key"
            for it in reader.origins(key)
        )
    ]


def flow_errors(reader: Reader, name: str) -> frozenset[str]:
    """Return the errors a flow's forms can show."""
    found: set[str] = set()
    for node in ast.walk(reader.tree[name]):
        match node:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id="errors"))], value=value
            ):
                found |= reader.texts(name, value)
            case ast.Dict(keys=[ast.Constant(value="base")], values=[value]):
                found |= reader.texts(name, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if (
                node.returns is not None
                and ast.unparse(node.returns) == "dict[str, str]"
            ):
                for answer in ast.walk(node):
                    match answer:
                        case ast.Return(value=ast.Dict(values=values)):
                            for value in values:
                                found |= reader.texts(name, value)
    return frozenset(found)


def flow_aborts(reader: Reader, name: str) -> frozenset[str]:
    """Return the reasons with which a flow can end."""
    module = {name: reader.tree[name]}
    steps = {
        node.name
        for node in ast.walk(module[name])
        if isinstance(node, ast.AsyncFunctionDef)
    }
    found: set[str] = set()
    for _, node in calls(module):
        function, reason = called(node), keyword(node, "reason")
        if function in _ENDS and reason is None and node.args:
            reason = node.args[0]
        if function in {*_ENDS, *_UPDATES, *_ABORTS} and reason is not None:
            found |= reader.texts(name, reason)
        elif function in _UPDATES:
            found |= {
                f"{kind}_successful"
                for kind in ("reauth", "reconfigure")
                if f"async_step_{kind}" in steps
            }
        else:
            found |= _ABORTS.get(function, set())
    return frozenset(found)
