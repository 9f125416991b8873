"""Reads ``partial_types.py``, which looks like Python but is never run.

Otherwise anyone who can edit a workspace could run code on the machine that publishes. What people usually
write there is understood: imports of models, names for sets of fields, calls of ``create_partial``, and loops
over literals.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Problem
from .values import ModelName, NotReadable, Package, Pairs, Value, Values, Word, Words

#: The most rounds of all loops together; nobody has more partial types than that.
_MOST_ROUNDS = 10_000
#: More than any such file has, and few enough that Python's parser does not need gigabytes.
_MOST_CHARACTERS = 1_000_000
#: In Prisma Client Python's order.
_PARAMETERS = (
    "name", "include", "exclude", "required", "optional", "relations", "exclude_relational_fields"
)  # fmt: skip
#: Modules that files import for annotations, which are ignored.
_ANNOTATIONS = frozenset({"__future__", "collections.abc", "typing", "typing_extensions"})
_FIX = 'write Model.create_partial("Name", ...) with literal arguments, one for each partial type'


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialCall:
    """One ``model.create_partial(name, ...)`` as written; arguments that are not given are None."""

    model: Word
    name: Word
    include: Words | None = None
    exclude: Words | None = None
    required: Words | None = None
    optional: Words | None = None
    relations: Pairs | None = None
    exclude_relational_fields: bool = False


def read_calls(text: str, file: str) -> tuple[tuple[PartialCall, ...], tuple[Problem, ...]]:
    """The calls in ``text``, and a problem for everything in it that can't be understood."""
    reader = _Reader(text, file)
    reader.read()
    return tuple(reader.calls), tuple(dict.fromkeys(reader.problems))


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        # As Python counts lines: a form feed doesn't end one. It counts columns in bytes.
        self._lines = text.split("\n")
        self._names: dict[str, Value] = {}
        self._values = Values(self._names, self._place)
        self._rounds = 0
        self.calls: list[PartialCall] = []
        self.problems: list[Problem] = []

    def read(self) -> None:
        if len(self._text) > _MOST_CHARACTERS:
            self._refuse(1, 1, f"it has more than {_MOST_CHARACTERS} characters", _FIX)
            return
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(self._text)
            self._all(tree.body)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            self._refuse(line, column, f"invalid Python: {error.msg}", "correct it", "partial-types-syntax")
        except (RecursionError, MemoryError):
            self._refuse(1, 1, "its expressions are nested too deeply", _FIX)

    def _all(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            try:
                self._statement(statement)
            except NotReadable as error:
                line, column = self._place(error.node)
                self._refuse(line, column, f"this file is read and never run: {error.why}", _FIX)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Import(names=names):
                for name in names:
                    bound = name.asname or name.name.partition(".")[0]
                    self._names[bound] = Package(name.name if name.asname else bound)
            case ast.ImportFrom():
                self._import_from(statement)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="create_partial")) as call):
                self._call(call)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assign(name, value)
            case ast.For(target=ast.Name(id=name), iter=items, body=body, orelse=[]):
                self._loop(name, items, body)
            case ast.Expr(value=value):
                self._values.of(value)
            case _:
                raise NotReadable(statement, f"{_kind(statement)!r} is not allowed")

    def _import_from(self, statement: ast.ImportFrom) -> None:
        module = statement.module or ""
        unknown = []
        for name in statement.names:
            if module.rpartition(".")[2] == "models":
                self._names[name.asname or name.name] = ModelName(name.name)
            elif name.name == "models":
                self._names[name.asname or name.name] = Package("models")
            elif module not in _ANNOTATIONS:
                unknown.append(name.name)
        if unknown:
            listed = ", ".join(map(repr, unknown))
            raise NotReadable(statement, f"only models can be imported, not {listed} of {module or '.'!r}")

    def _assign(self, name: str, value: ast.expr) -> None:
        self._names.pop(name, None)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            self._names[name] = self._call(value)
        else:
            self._names[name] = self._values.of(value)

    def _loop(self, name: str, items: ast.expr, body: Sequence[ast.stmt]) -> None:
        for item in self._values.items(items):
            self._rounds += 1
            if self._rounds > _MOST_ROUNDS:
                raise NotReadable(items, f"its loops have more than {_MOST_ROUNDS} rounds")
            self._names[name] = item
            self._all(body)

    def _call(self, call: ast.Call) -> Word:
        """Record a call of ``create_partial``; its value is the partial type's name."""
        function = call.func
        model = self._values.of(function.value) if isinstance(function, ast.Attribute) else None
        if not isinstance(model, ModelName) or getattr(function, "attr", "") != "create_partial":
            raise NotReadable(call, "only a model's create_partial can be called")
        arguments = self._arguments(call)
        if "name" not in arguments:
            raise NotReadable(call, "a partial type needs a name")
        made = self._made(Word(model.name, *self._place(call)), arguments)
        self.calls.append(made)
        return made.name

    def _arguments(self, call: ast.Call) -> dict[str, ast.expr]:
        given = dict(zip(_PARAMETERS, call.args, strict=False))
        if len(call.args) > len(_PARAMETERS):
            raise NotReadable(call.args[len(_PARAMETERS)], "create_partial takes no more arguments")
        for keyword in call.keywords:
            if keyword.arg not in _PARAMETERS or keyword.arg in given:
                what = f"no argument {keyword.arg!r}" if keyword.arg else "no arguments from a dict"
                twice = f"{keyword.arg!r} once" if keyword.arg in given else what
                raise NotReadable(keyword, f"create_partial takes {twice}")
            given[str(keyword.arg)] = keyword.value
        return {name: value for name, value in given.items() if not _is_none(value)}

    def _made(self, model: Word, arguments: dict[str, ast.expr]) -> PartialCall:
        fields = {
            parameter: self._values.words(arguments[parameter])
            for parameter in ("include", "exclude", "required", "optional")
            if parameter in arguments
        }
        relations = arguments.get("relations")
        excludes = arguments.get("exclude_relational_fields")
        excluded = self._values.of(excludes) if excludes else False
        if excludes and not isinstance(excluded, bool):
            raise NotReadable(excludes, "exclude_relational_fields must be True or False")
        return PartialCall(
            model=model,
            name=self._values.word(arguments["name"]),
            relations=self._values.pairs(relations) if relations else None,
            exclude_relational_fields=excluded is True,
            **fields,
        )

    def _place(self, node: ast.AST) -> tuple[int, int]:
        line = getattr(node, "lineno", 1)
        before = self._lines[line - 1].encode()[: getattr(node, "col_offset", 0)]
        return line, len(before.decode("utf-8", "replace")) + 1

    def _refuse(
        self, line: int, column: int, message: str, fix: str, code: str = "partial-types-not-literal"
    ) -> None:
        problem = Problem(code=code, message=message, fix=fix, file=self._file, line=line, column=column)
        self.problems.append(problem)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _kind(statement: ast.stmt) -> str:
    words = {ast.FunctionDef: "def", ast.ClassDef: "class", ast.AsyncFunctionDef: "async def"}
    return words.get(type(statement), type(statement).__name__.lower())
