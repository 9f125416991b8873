"""Whether every public symbol of a Python client declares its type, completely.

That is what `pyright --verifytypes` asks of a package with ``py.typed``, and a test compares both. Pyright
takes some seconds for it, because it works out what each type is. Here a name only has to be there: generated
code says the types of everything, and the runtime that a client carries is the same in each, which this
project's tests check.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from generators.target import Artifact
from schemas.errors import Problem

from .refusals import could_not_look, refused

_TOOL = "the check of declared types"
_SHOWN = 5
_RUNTIME = "_runtime"
#: Where another top-level statement may begin. What was split wrongly doesn't parse, and is joined again.
_STATEMENT = re.compile(r"^(?=[A-Za-z_@])", re.MULTILINE)
_BUILTINS = frozenset(dir(builtins))
#: Their type arguments can't be left out.
_GENERIC = frozenset(
    ("list", "dict", "set", "frozenset", "tuple", "type", "Sequence", "Mapping", "MutableMapping",
     "Collection", "Iterable", "Iterator", "Callable", "Awaitable", "AsyncIterator", "Annotated", "Literal",
     "NotRequired")
)  # fmt: skip
#: What a call of these makes is a type or a variable of types.
_MAKERS = frozenset({"NamedTuple", "NewType", "ParamSpec", "TypeVar", "TypeVarTuple", "TypedDict"})

_IMPLIED = frozenset({"__all__", "__slots__"})

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class _Place(NamedTuple):
    line: int
    column: int


class Undeclared(NamedTuple):
    """Where something has no type, and what of it is missing."""

    file: str
    line: int
    column: int
    words: str


@dataclass(slots=True)
class _Facts:
    """What statements say, independently of all others. Lines are counted from the first of them."""

    defined: set[str] = field(default_factory=set)
    imported: dict[str, tuple[str, str | None, _Place]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    used: dict[tuple[str, str | None], _Place] = field(default_factory=dict)  # by a name, and one inside it
    wanting: list[tuple[_Place, str]] = field(default_factory=list)


_Modules: TypeAlias = Mapping[str, bytes]


def declared_type_problems(artifact: Artifact) -> list[Problem]:
    """The first symbols of a client's wheel that lack a type, or have one that isn't there."""
    with zipfile.ZipFile(io.BytesIO(artifact.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.endswith(".py")}
    try:
        found = [*islice(undeclared(files), _SHOWN)]
    except (SyntaxError, UnicodeDecodeError, RecursionError) as error:
        return [could_not_look(artifact, _TOOL, str(error))]
    return [
        refused(artifact, _TOOL, each.words, file=each.file, line=each.line, column=each.column)
        for each in found
    ]


def undeclared(files: Mapping[str, bytes]) -> Iterator[Undeclared]:
    """Each symbol that lacks a type. ``files`` are a package's modules by path. Raises SyntaxError."""
    defined: dict[str, frozenset[str]] = {}
    for path in sorted(files):
        if _RUNTIME in path.split("/"):
            continue
        facts = [*_facts_of(files[path].decode())]
        is_public = not any(_is_private(part) for part in PurePosixPath(path).with_suffix("").parts)
        for place, words in _wanting(path, facts, files, defined, is_public=is_public):
            yield Undeclared(path, place.line, place.column + 1, words)


def _wanting(
    path: str,
    facts: list[tuple[_Facts, int]],
    files: _Modules,
    defined: dict[str, frozenset[str]],
    *,
    is_public: bool,
) -> Iterator[tuple[_Place, str]]:
    imported = {name: found for each, _ in facts for name, found in each.imported.items()}
    own = _BUILTINS.union(imported, *(each.defined for each, _ in facts))
    inside_of = {name: _names_inside(path, found, files, defined) for name, found in imported.items()}
    for each, line in facts:
        for module, name, place in each.imported.values():
            if not _is_there(path, module, name, files, defined):
                words = f"it imports {name or module} from {module}, which has no such name"
                yield _Place(place.line + line, place.column), words
        for (base, inside), place in each.used.items():
            names = inside_of.get(base)
            if base not in own:
                yield _Place(place.line + line, place.column), f"the name {base!r} is not defined"
            elif names is not None and inside is not None and inside not in names:
                yield _Place(place.line + line, place.column), f"{base} has no {inside!r}"
        if is_public:
            for place, words in each.wanting:
                yield _Place(place.line + line, place.column), words


def _is_there(
    path: str, module: str, name: str | None, files: _Modules, defined: dict[str, frozenset[str]]
) -> bool:
    """Whether an import of this package finds something. Others are the business of its dependencies."""
    if not module.startswith("."):
        return True
    target = _file(path, module, files)
    if name is None or target is None:
        return target is not None
    return name in _names(target, files, defined) or _file(path, _joined(module, name), files) is not None


def _names_inside(
    path: str, found: tuple[str, str | None, _Place], files: _Modules, defined: dict[str, frozenset[str]]
) -> frozenset[str] | None:
    """The names in what was imported, if it is a module of this package."""
    module, name, _ = found
    target = _file(path, _joined(module, name), files) if name and module.startswith(".") else None
    return None if target is None else _names(target, files, defined)


def _joined(module: str, name: str) -> str:
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _file(path: str, module: str, files: _Modules) -> str | None:
    """The file of a module that ``path`` imports, relatively."""
    rest = module.lstrip(".")
    folder = PurePosixPath(path).parents[len(module) - len(rest) - 1]
    base = folder.joinpath(*rest.split(".")) if rest else folder
    return next((file for file in (f"{base}.py", f"{base}/__init__.py") if file in files), None)


def _names(path: str, files: _Modules, defined: dict[str, frozenset[str]]) -> frozenset[str]:
    """What a module of this package defines or imports."""
    if path not in defined:
        facts = [each for each, _ in _facts_of(files[path].decode())]
        stars = [module for each in facts for module in each.stars]
        targets = [target for module in stars if (target := _file(path, module, files))]
        defined[path] = frozenset().union(
            *(name_set for each in facts for name_set in (each.defined, each.imported)),
            *(_names(target, files, defined) for target in targets),
        )
    return defined[path]


def _facts_of(text: str) -> Iterator[tuple[_Facts, int]]:
    """What a module's statements say, and how many lines are before each. Raises SyntaxError."""
    line = first = 0
    pending = ""
    for part in _STATEMENT.split(text):
        pending += part
        line += part.count("\n")
        facts = _facts(pending)
        if facts is not None:
            yield facts, first
            pending, first = "", line
    if pending:
        yield _read(ast.parse(text)), 0  # an else, for example: what is known of the parts is known twice


@lru_cache(20_000)
def _facts(text: str) -> _Facts | None:
    """Kept: most statements are those of the release before."""
    try:
        return _read(ast.parse(text))
    except SyntaxError:
        return None


def _read(module: ast.Module) -> _Facts:
    facts = _Facts()
    for statement in module.body:
        _read_statement(facts, statement)
    return facts


def _read_statement(facts: _Facts, statement: ast.stmt) -> None:
    match statement:
        case ast.Import():
            for alias in statement.names:
                facts.imported[alias.asname or alias.name.partition(".")[0]] = alias.name, None, _at(alias)
        case ast.ImportFrom():
            module = "." * statement.level + (statement.module or "")
            for alias in statement.names:
                if alias.name == "*":
                    facts.stars.append(module)
                else:
                    facts.imported[alias.asname or alias.name] = module, alias.name, _at(alias)
        case ast.If() | ast.Try():
            for inner in _inside(statement):
                _read_statement(facts, inner)
        case ast.ClassDef():
            facts.defined.add(statement.name)
            _read_class(facts, statement)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            facts.defined.add(statement.name)
            _read_function(facts, statement, frozenset(), is_method=False)
        case ast.Assign() | ast.AnnAssign():
            _read_variable(facts, statement, frozenset())


def _read_class(facts: _Facts, class_: ast.ClassDef) -> None:
    for base in class_.bases:
        _read_type(facts, base, frozenset())
    is_enum = any(_last(base).endswith("Enum") for base in class_.bases)
    body = [*_flat(class_.body)]
    hidden = frozenset(name for each in body for name in _variables(each))
    for each in body:
        match each:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                _read_function(facts, each, hidden, is_method=True)
            case ast.AnnAssign():
                _read_variable(facts, each, hidden)
            case ast.Assign() if not is_enum:
                _read_variable(facts, each, hidden)
            case ast.ClassDef():
                _read_class(facts, each)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for each in body:
        yield from _flat(_inside(each)) if isinstance(each, ast.If) else (each,)


def _inside(statement: ast.If | ast.Try) -> list[ast.stmt]:
    """What checkers see of it."""
    match statement:
        case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=ast.expr() as operand)):
            is_for_checkers = _last(operand).lstrip("_") == "TYPE_CHECKING"
            return statement.orelse if is_for_checkers else [*statement.body, *statement.orelse]
    return [*statement.body, *statement.orelse]


def _variables(statement: ast.stmt) -> Iterator[str]:
    """What a statement of a class's body defines that isn't a class: it hides what has its name outside."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield statement.name
        case ast.AnnAssign(target=ast.Name() as name):
            yield name.id
        case ast.Assign():
            yield from (each.id for each in statement.targets if isinstance(each, ast.Name))


def _read_function(facts: _Facts, function: _Definition, hidden: frozenset[str], *, is_method: bool) -> None:
    decorators = {_last(each) for each in function.decorator_list}
    for decorator in function.decorator_list:
        _read_type(facts, decorator, hidden, needs_arguments=False)
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    has_self = is_method and "staticmethod" not in decorators
    rest = [each for each in (arguments.vararg, arguments.kwarg) if each]
    for each in (*(named[1:] if has_self else named), *arguments.kwonlyargs, *rest):
        if each.annotation is None:
            _wants(facts, function.name, each, f"the parameter {each.arg!r} of {function.name} has no type")
        else:
            _read_type(facts, each.annotation, hidden)
    if function.returns is not None:
        _read_type(facts, function.returns, hidden)
    elif function.name != "__init__":
        _wants(facts, function.name, function, f"{function.name} has no return type")


def _read_variable(facts: _Facts, statement: ast.Assign | ast.AnnAssign, hidden: frozenset[str]) -> None:
    if isinstance(statement, ast.AnnAssign):
        names = [statement.target] if isinstance(statement.target, ast.Name) else []
        _read_type(facts, statement.annotation, hidden)
        if _last(statement.annotation).endswith("TypeAlias") and statement.value is not None:
            _read_type(facts, statement.value, hidden)
    else:
        names = [each for each in statement.targets if isinstance(each, ast.Name)]
        if not (_says_its_type(statement.value) or _IMPLIED.issuperset(name.id for name in names)):
            for name in names:
                _wants(facts, name.id, name, f"{name.id} has no type")
        elif isinstance(statement.value, ast.Call):
            for text in _strings(statement.value):
                _read_type(facts, text, hidden)
    if not hidden:
        facts.defined.update(name.id for name in names)


def _says_its_type(value: ast.expr) -> bool:
    """An alias of a class, a class that is made by a call, or a literal."""
    match value:
        case ast.Name() | ast.Attribute():
            return True
        case ast.Constant(value=literal):
            return literal is not None
        case ast.Call(func=function):
            return _last(function) in _MAKERS
    return False


def _strings(call: ast.Call) -> Iterator[ast.expr]:
    """The types of a TypedDict that is made by a call."""
    for argument in call.args:
        if isinstance(argument, ast.Dict):
            yield from argument.values


def _read_type(
    facts: _Facts,
    type_: ast.expr,
    hidden: frozenset[str],
    *,
    needs_arguments: bool = True,
    place: _Place | None = None,
) -> None:
    """Which names a type consists of, and whether its type arguments are all there. ``place`` is that of the
    text that it stands in."""
    match type_:
        case ast.Constant(value=str(text)):
            _read_text(facts, text, hidden, place or _at(type_))
        case ast.Name(id=name):
            _read_name(facts, (name, None), hidden, place or _at(type_))
            if needs_arguments and name.lstrip("_") in _GENERIC:
                facts.wanting.append((place or _at(type_), f"{name} has no type arguments"))
        case ast.Attribute(value=ast.Name(id=name), attr=inside):
            _read_name(facts, (name, inside), hidden, place or _at(type_))
        case ast.Subscript(value=base, slice=arguments):
            _read_type(facts, base, hidden, needs_arguments=False, place=place)
            for argument in _type_arguments(_last(base).lstrip("_"), arguments):
                _read_type(facts, argument, hidden, place=place)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                _read_type(facts, item, hidden, place=place)
        case ast.BinOp(left=left, right=right):
            _read_type(facts, left, hidden, place=place)
            _read_type(facts, right, hidden, place=place)


def _read_text(facts: _Facts, text: str, hidden: frozenset[str], place: _Place) -> None:
    """A type in quotes."""
    try:
        type_ = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        facts.wanting.append((place, f"{text!r} is no type"))
        return
    _read_type(facts, type_, hidden, place=place)


def _read_name(facts: _Facts, used: tuple[str, str | None], hidden: frozenset[str], place: _Place) -> None:
    if used[0] in hidden:
        facts.wanting.append((place, f"{used[0]} is a field of the class here, and no type"))
    else:
        facts.used.setdefault(used, place)


def _type_arguments(name: str, arguments: ast.expr) -> list[ast.expr]:
    """Those that are types."""
    items = arguments.elts if isinstance(arguments, ast.Tuple) else [arguments]
    if name == "Literal":
        return []
    return items[:1] if name == "Annotated" else items


def _wants(facts: _Facts, name: str, node: ast.AST, words: str) -> None:
    if not _is_private(name):
        facts.wanting.append((_at(node), words))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def _last(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=base) | ast.Call(func=base):
            return _last(base)
    return ""


def _at(node: ast.AST) -> _Place:
    return _Place(getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
