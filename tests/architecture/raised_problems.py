"""Every problem that the code can raise, found in its syntax trees: its code, and the form of its texts.

A code is looked for wherever one is passed: in a call of a class or a function that takes a ``code``. Texts
are f-strings mostly, so what is found is their form, with :data:`HOLE` in place of each value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TypeAlias

#: Stands for a value that is known only when the program runs. No source text contains it.
HOLE = "\x00"

Environment: TypeAlias = Mapping[str, Sequence[str]]
_ANYTHING = (HOLE,)
_MOST_FORMS = 64
_LEFT_OUT = re.compile(r"problem_codes?(\.py$|/)|python_client/runtime/")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Raised:
    """``code``, ``message`` and ``fix`` may have holes. ``where`` is ``file:line``."""

    code: str
    message: str
    fix: str
    where: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that can't be read from the source."""

    expression: str
    where: str


def is_shown_by(form: str, text: str) -> bool:
    """Whether ``text`` is an example of ``form``."""
    pattern = re.compile(".*".join(map(re.escape, form.split(HOLE))), re.DOTALL)
    return pattern.fullmatch(text) is not None


def raised_in(folder: Path, root: Path) -> tuple[list[Raised], list[Unknown]]:
    """All that the Python files in ``folder`` raise, in the order of files and lines.

    Left out are the declarations, and the Python client's runtime, whose errors are classes without codes.
    """
    names = [path.relative_to(root).as_posix() for path in sorted(folder.rglob("*.py"))]
    modules = [_Module(root / name, name) for name in names if not _LEFT_OUT.search(name)]
    reader = _Reader(modules)
    for module in modules:
        reader.read(module)
    return reader.raised, reader.unknown


@dataclass(frozen=True, slots=True)
class _Carrier:
    """What can be called with a code. ``body`` is None for a class, which keeps what it is given."""

    parameters: tuple[str, ...]
    defaults: Mapping[str, ast.expr]
    module: _Module
    body: ast.FunctionDef | ast.AsyncFunctionDef | None = None


@dataclass(frozen=True)
class _Module:
    path: Path
    name: str
    enclosing: dict[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)

    @cached_property
    def tree(self) -> ast.Module:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):  # outer functions come first, so the innermost one stays
            if isinstance(function, _FUNCTIONS):
                self.enclosing.update(dict.fromkeys(ast.walk(function), function))
        return tree

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        return dict(_assignments(self.tree.body))

    @cached_property
    def carriers(self) -> dict[str, _Carrier]:
        found: dict[str, _Carrier] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, _FUNCTIONS) and node.name != "__init__":
                carrier = self._of_function(node)
            elif isinstance(node, ast.ClassDef):
                carrier = self._of_class(node)
            else:
                continue
            if carrier is not None and "code" in carrier.parameters:
                found[node.name] = carrier
        return found

    @cached_property
    def bases(self) -> dict[ast.AST, str]:
        """The first base of the class around each ``super()``."""
        classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef) and node.bases]
        return {inner: ast.unparse(node.bases[0]) for node in classes for inner in ast.walk(node)}

    def _of_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Carrier:
        arguments = node.args.posonlyargs + node.args.args
        names = [argument.arg for argument in arguments if not _is_other_code(argument)]
        defaults = dict(zip(reversed(names), reversed(node.args.defaults), strict=False))
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            names += [] if _is_other_code(argument) else [argument.arg]
            if default is not None:
                defaults[argument.arg] = default
        if names[:1] in (["self"], ["cls"]):
            del names[0]
        return _Carrier(tuple(names), defaults, self, node)

    def _of_class(self, node: ast.ClassDef) -> _Carrier:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                made = self._of_function(statement)
                return _Carrier(made.parameters, made.defaults, self)
        names = [
            field.target.id
            for field in node.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if field.target.id != "code" or ast.unparse(field.annotation) == "str"
        ]
        return _Carrier(tuple(names), {}, self)


class _Reader:
    def __init__(self, modules: Sequence[_Module]) -> None:
        self.raised: list[Raised] = []
        self.unknown: list[Unknown] = []
        # A private name is its module's own; a public one may be called from anywhere in the room.
        self._public = {
            name: carrier
            for module in modules
            for name, carrier in module.carriers.items()
            if not name.startswith("_")
        }
        self._inherit(modules)
        self._public |= _ELSEWHERE

    def _inherit(self, modules: Sequence[_Module]) -> None:
        """Exceptions without an ``__init__`` of their own take what their base takes."""
        classes = [n for module in modules for n in ast.walk(module.tree) if isinstance(n, ast.ClassDef)]
        for node in classes:
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id in self._public and not _has_init(node):
                    self._public.setdefault(node.name, self._public[base.id])

    def read(self, module: _Module) -> None:
        """Note what the calls in ``module`` raise."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and (carrier := self._carrier(node, module)) is not None:
                self._read_call(node, carrier, module)

    def _carrier(self, call: ast.Call, module: _Module) -> _Carrier | None:
        name = _called(call)
        name = module.bases.get(call, "") if name == "super" else name
        found = module.carriers.get(name) or self._public.get(name)
        if found is None and any(keyword.arg == "code" for keyword in call.keywords):
            return _Carrier((), {}, module)  # dataclasses.replace, and whatever else names it
        return found

    def _read_call(self, call: ast.Call, carrier: _Carrier, module: _Module) -> None:
        given = _arguments(call, carrier)
        if "code" not in given or _passes_on(given["code"], module.enclosing.get(call)):
            return
        where = f"{module.name}:{call.lineno}"
        local = _locals(call, module)
        codes = self._forms(given["code"], module, local)
        messages, fixes = self._texts(call, carrier, module, local)
        for code in codes:
            if code.strip(HOLE):
                self.raised += [Raised(code, m, f, where) for m, f in product(messages, fixes)]
            else:
                self.unknown.append(Unknown(ast.unparse(given["code"]), where))

    def _texts(
        self,
        call: ast.Call,
        carrier: _Carrier,
        module: _Module,
        local: Mapping[str, Sequence[ast.expr]],
        bound: Environment | None = None,
    ) -> tuple[Sequence[str], Sequence[str]]:
        """The forms of the message and of the fix, through the functions that pass the code on."""
        given = _arguments(call, carrier)
        forms = {name: self._forms(value, module, local, bound) for name, value in given.items()}
        if carrier.body is None:
            return forms.get("message", _ANYTHING), forms.get("fix", _ANYTHING)
        for inner in ast.walk(carrier.body):
            following = self._carrier(inner, carrier.module) if isinstance(inner, ast.Call) else None
            if isinstance(inner, ast.Call) and following is not None:
                code = _arguments(inner, following).get("code")
                if _passes_on(code, carrier.body):
                    return self._texts(
                        inner, following, carrier.module, _locals(inner, carrier.module), forms
                    )
        return _ANYTHING, _ANYTHING

    def _forms(
        self,
        node: ast.expr,
        module: _Module,
        local: Mapping[str, Sequence[ast.expr]],
        bound: Environment | None = None,
    ) -> Sequence[str]:
        """Every text that ``node`` can be, with holes."""

        def forms(inner: ast.expr) -> Sequence[str]:
            return self._forms(inner, module, local, bound)

        match node:
            case ast.Constant(value=str(text)):
                return (text,)
            case ast.JoinedStr(values=parts):
                return _joined([forms(part) for part in parts])
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return forms(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([forms(left), forms(right)])
            case ast.IfExp(body=one, orelse=other):
                return (*forms(one), *forms(other))
            case ast.Name(id=name):
                return self._of_name(name, module, local, bound)
            case ast.Subscript(value=ast.Name(id=name)):
                table = module.constants.get(name)
                values = table.values if isinstance(table, ast.Dict) else []
                return tuple(f for value in values for f in self._forms(value, module, {})) or _ANYTHING
            case _:
                return _ANYTHING

    def _of_name(
        self,
        name: str,
        module: _Module,
        local: Mapping[str, Sequence[ast.expr]],
        bound: Environment | None,
    ) -> Sequence[str]:
        if bound and name in bound:
            return bound[name]
        if name in local:
            others = {key: value for key, value in local.items() if key != name}
            return tuple(f for value in local[name] for f in self._forms(value, module, others, bound))
        if name in module.constants:
            return self._forms(module.constants[name], module, {})
        return _ANYTHING


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return "super"
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _arguments(call: ast.Call, carrier: _Carrier) -> dict[str, ast.expr]:
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    by_place = dict(zip(carrier.parameters, call.args, strict=False))
    return {**carrier.defaults, **by_place, **named}


def _passes_on(code: ast.expr | None, function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> bool:
    """Whether a code only goes through here: a parameter, or the code of another problem."""
    if isinstance(code, ast.Attribute) and code.attr == "code":
        return True
    if not isinstance(code, ast.Name) or function is None:
        return False
    arguments = function.args
    return code.id in [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]


def _locals(call: ast.Call, module: _Module) -> dict[str, list[ast.expr]]:
    """What the names around ``call`` can stand for."""
    found: dict[str, list[ast.expr]] = {}
    function = module.enclosing.get(call)
    for name, value in _assignments(list(ast.walk(function)) if function else []):
        found.setdefault(name, []).append(value)
    return found


def _assignments(statements: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                yield from ((n.id, v) for n, v in zip(names, values, strict=False) if isinstance(n, ast.Name))
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.AugAssign(target=ast.Name(id=name)):  # it grows: anything can follow
                yield name, ast.Name(HOLE)


def _joined(parts: Sequence[Sequence[str]]) -> Sequence[str]:
    texts = ["".join(chosen) for chosen in product(*parts)]
    return texts if len(texts) <= _MOST_FORMS else _ANYTHING


def _is_other_code(argument: ast.arg) -> bool:
    """Whether it is called ``code`` and is an exit code, say."""
    is_text = isinstance(argument.annotation, ast.Name) and argument.annotation.id == "str"
    return argument.arg == "code" and not is_text


def _has_init(node: ast.ClassDef) -> bool:
    return any(isinstance(s, ast.FunctionDef) and s.name == "__init__" for s in node.body)


def _problem_class() -> dict[str, _Carrier]:
    path = Path(__file__).parents[2] / "schemas" / "errors.py"
    return {"Problem": _Module(path, "schemas/errors.py").carriers["Problem"]}


_ELSEWHERE = _problem_class()
