"""The values of expressions in ``partial_types.py``, found without running anything.

Every string keeps its location, so that problems with it can be reported where it is written.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """A string, and the line and column (from 1) where it is written."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name that was imported from ``models``."""

    name: str


@dataclass(frozen=True, slots=True)
class Package:
    """An imported package, or one of its modules; its name as far as it is known."""

    path: str


Words: TypeAlias = tuple[Word, ...]
Items: TypeAlias = tuple[Word | ModelName, ...]
Pairs: TypeAlias = tuple[tuple[Word, Word], ...]


@dataclass(frozen=True, slots=True)
class StringDict:
    """A dict of strings."""

    pairs: Pairs


Value: TypeAlias = Word | Items | StringDict | ModelName | Package | bool | None
Place: TypeAlias = Callable[[ast.AST], tuple[int, int]]

#: The name that stands for ``from ... models import *``: every unknown name is then a model.
ALL_MODELS = "*"
_COPIES = frozenset({"frozenset", "list", "set", "sorted", "tuple"})
#: Longer than any name; limits strings that grow in a loop.
_LONGEST = 200


class NotReadable(Exception):  # noqa: N818 - caught where it is raised, never shown
    """The value of ``node`` can't be known without running the file."""

    def __init__(self, node: ast.AST, why: str) -> None:
        super().__init__(why)
        self.node, self.why = node, why


class Values:
    """Evaluates literals, names that were assigned one, and sums of both, without running code."""

    def __init__(self, names: Mapping[str, Value], place: Place) -> None:
        self._names, self._place = names, place

    def of(self, node: ast.expr) -> Value:
        """The value. Raises NotReadable with the innermost expression that has none."""
        value: Value = None
        match node:
            case ast.Constant(value=str(text)):
                value = self._word(text, node)
            case ast.Constant(value=bool() | None as literal):
                value = literal
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                value = self._items(elements)
            case ast.Dict():
                value = self._string_dict(node)
            case ast.Name(id=name):
                value = self._named(name, node)
            case ast.Attribute():
                value = self._attribute(node)
            case ast.BinOp():
                value = self._combined(node)
            case ast.JoinedStr(values=parts):
                value = self._joined(parts, node)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
                name in _COPIES and name not in self._names and len(arguments) <= 1
            ):
                value = self.items(arguments[0]) if arguments else ()
            case ast.Constant():
                raise NotReadable(node, f"{_shown(node)} is not a string, True, False or None")
            case _:
                raise NotReadable(node, f"{_shown(node)} is not a literal")
        return value

    def items(self, node: ast.expr) -> Items:
        """The elements of a set, list or tuple."""
        value = self.of(node)
        if not isinstance(value, tuple):
            raise NotReadable(node, f"{_shown(node)} is not a set, list or tuple")
        return value

    def words(self, node: ast.expr) -> Words:
        """The elements of a set, list or tuple of strings."""
        items = self.items(node)
        if not all(isinstance(item, Word) for item in items):
            raise NotReadable(node, f"{_shown(node)} has elements that are not strings")
        return tuple(item for item in items if isinstance(item, Word))

    def word(self, node: ast.expr) -> Word:
        """A string."""
        value = self.of(node)
        if not isinstance(value, Word):
            raise NotReadable(node, f"{_shown(node)} is not a string")
        return value

    def pairs(self, node: ast.expr) -> Pairs:
        """The items of a dict of strings."""
        value = self.of(node)
        if not isinstance(value, StringDict):
            raise NotReadable(node, f"{_shown(node)} is not a dict of strings")
        return value.pairs

    def _word(self, text: str, node: ast.expr) -> Word:
        if len(text) > _LONGEST:
            raise NotReadable(node, f"a string of {len(text)} characters is too long for a name")
        return Word(text, *self._place(node))

    def _items(self, elements: list[ast.expr]) -> Items:
        found: list[Word | ModelName] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                found += self.items(element.value)
                continue
            value = self.of(element)
            if not isinstance(value, Word | ModelName):
                raise NotReadable(element, f"{_shown(element)} is not a string")
            found.append(value)
        return _each_once(found)

    def _string_dict(self, node: ast.Dict) -> StringDict:
        pairs: list[tuple[Word, Word]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            pairs += self.pairs(value) if key is None else [(self.word(key), self.word(value))]
        return _last_of_each(pairs)

    def _named(self, name: str, node: ast.expr) -> Value:
        if name not in self._names and ALL_MODELS in self._names:
            return ModelName(name)
        if name not in self._names:
            raise NotReadable(node, f"{name!r} is neither imported from models nor assigned above")
        value = self._names[name]
        return Word(value.text, *self._place(node)) if isinstance(value, Word) else value

    def _attribute(self, node: ast.Attribute) -> Value:
        value = self.of(node.value)
        if isinstance(value, Package):
            is_model = value.path.rpartition(".")[2] == "models"
            return ModelName(node.attr) if is_model else Package(f"{value.path}.{node.attr}")
        if isinstance(value, ModelName) and node.attr == "__name__":
            return self._word(value.name, node)
        raise NotReadable(node, f"{_shown(node)} is not a literal")

    def _combined(self, node: ast.BinOp) -> Value:
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(node.op, ast.BitOr) and isinstance(left, StringDict) and isinstance(right, StringDict):
            return _last_of_each([*left.pairs, *right.pairs])
        if isinstance(left, tuple) and isinstance(right, tuple):
            if isinstance(node.op, ast.BitOr | ast.Add):
                return _each_once([*left, *right])
            if isinstance(node.op, ast.Sub):
                gone = {_key(item) for item in right}
                return tuple(item for item in left if _key(item) not in gone)
        raise NotReadable(node, f"{_shown(node)} is not a literal or a sum of sets or lists")

    def _joined(self, parts: list[ast.expr], node: ast.expr) -> Word:
        texts = []
        for part in parts:
            match part:
                case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                    inner = value
                case _:
                    inner = part
            try:
                texts.append(self.word(inner).text)
            except NotReadable as error:  # before 3.12, Python has no locations for the parts
                raise NotReadable(node, error.why) from None
        return self._word("".join(texts), node)


def _shown(node: ast.AST) -> str:
    """A short description of an expression, whose own text may be long."""
    match node:
        case ast.Name(id=name):
            return repr(name)
        case ast.Attribute(attr=name):
            return f"'.{name}'"
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return f"a call of {name!r}"
        case ast.Constant(value=value):
            return repr(value)[:60]
    article = "an" if type(node).__name__[0] in "AEIO" else "a"
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in type(node).__name__)
    return f"{article}{words}"


def _key(item: Word | ModelName) -> str:
    return item.text if isinstance(item, Word) else f".{item.name}"


def _each_once(items: list[Word | ModelName]) -> Items:
    """Without duplicates, so that no sum of lists grows beyond the strings in the file."""
    found: dict[str, Word | ModelName] = {}
    for item in items:
        found.setdefault(_key(item), item)
    return tuple(found.values())


def _last_of_each(pairs: list[tuple[Word, Word]]) -> StringDict:
    return StringDict(tuple({key.text: (key, value) for key, value in pairs}.values()))
