"""Applies statements to the model of a database, and tells what each takes from rows that exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pglast import ast, enums
from pglast.stream import RawStream

from .function_calls import called_functions, columns_read, deleted_from
from .lossless import is_lossless
from .script import Name, dropped, name_of, path_of
from .simulated import Column, Database, EnumType, Table

#: pglast says of every attribute that it may be missing; which are there is Postgres' grammar.
_Node: TypeAlias = Any
EffectKind: TypeAlias = Literal["table", "column", "value", "rows", "type", "null", "new null", "code"]

_CONSTRAINTS, _ACTIONS, _OBJECTS = enums.ConstrType, enums.AlterTableType, enums.ObjectType
_FILLED = (
    _CONSTRAINTS.CONSTR_DEFAULT,
    _CONSTRAINTS.CONSTR_IDENTITY,
    _CONSTRAINTS.CONSTR_GENERATED,
)
_WORD = re.compile(r"\w+")
_SERIALS = {"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"}
_TAKES_AWAY = re.compile(
    r"\b(drop\s+(table|column|schema|type)|truncate|delete\s+from"
    r"|alter\s+table\b[^;]*?\bdrop(?!\s+(constraint|default|not|expression|identity)))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Names are those from before the scripts. ``detail`` is for people: the types of a ``type`` effect.

    ``remaining`` are the values that an enum still has. ``is_read``: a statement before may have put what
    goes somewhere else. ``now`` is the table and column by their names when a value is demanded.
    """

    kind: EffectKind
    table: Name | None = None
    column: str | None = None
    enum: Name | None = None
    value: str | None = None
    remaining: tuple[str, ...] = ()
    is_read: bool = False
    now: tuple[Name, str] | None = None
    detail: str = ""


class Reader:
    """Reads scripts in their order. ``database`` is as the last statement left it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._functions: dict[str, str] = {}  # those that take something away, and what does
        self._read: set[tuple[Name, str]] = set()  # by statements that write

    def read(self, node: _Node) -> list[Effect]:
        """Apply one statement; what it does to rows that exist."""
        reader = _READERS.get(type(node))
        return list(reader(self, node)) if reader else []

    def create_table(self, node: _Node) -> Iterator[Effect]:
        table = Table(origin=None)
        for element in node.tableElts or ():
            if isinstance(element, ast.ColumnDef):
                self._add_column(table, element)
        self.database.tables[name_of(node.relation)] = table
        yield from ()

    def create_table_as(self, node: _Node) -> Iterator[Effect]:
        self.database.tables[name_of(node.into.rel)] = Table(origin=None)
        yield from self.change_rows(node)

    def create_enum(self, node: _Node) -> Iterator[Effect]:
        values: dict[str, str | None] = {label.sval: None for label in node.vals or ()}
        self.database.enums[path_of(node.typeName)] = EnumType(origin=None, values=values)
        yield from ()

    def alter_enum(self, node: _Node) -> Iterator[Effect]:
        enum = self.database.enums.get(path_of(node.typeName))
        if enum is not None and node.oldVal is not None:
            enum.values = {
                node.newVal if value == node.oldVal else value: origin
                for value, origin in enum.values.items()
            }
        elif enum is not None:
            enum.values.setdefault(node.newVal, None)
        yield from ()

    def drop(self, node: _Node) -> Iterator[Effect]:
        cascades = node.behavior == enums.DropBehavior.DROP_CASCADE
        if node.removeType in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_FOREIGN_TABLE):
            for name in dropped(node):
                yield from self._table_lost(name)
        elif node.removeType == _OBJECTS.OBJECT_SCHEMA and cascades:
            schemas = {path[-1] for path in dropped(node)}
            for name in [name for name in self.database.tables if name[0] in schemas]:
                yield from self._table_lost(name)
        elif node.removeType in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN) and cascades:
            for type_name in _type_names(node):
                yield from self._columns_of_type_lost(type_name)
        elif node.removeType == _OBJECTS.OBJECT_TYPE:
            for type_name in _type_names(node):
                self.database.enums.pop(type_name, None)
        elif node.removeType == _OBJECTS.OBJECT_EXTENSION and cascades:
            yield _code("DROP EXTENSION … CASCADE")

    def truncate(self, node: _Node) -> Iterator[Effect]:
        for relation in node.relations or ():
            yield from self._rows_lost(name_of(relation), "TRUNCATE")

    def change_rows(self, node: _Node) -> Iterator[Effect]:
        """Wherever in the statement rows are deleted: in a WITH, or by MERGE."""
        if not isinstance(node, ast.SelectStmt):
            self._read |= columns_read(node)
        for name in deleted_from(node):
            yield from self._rows_lost(name, "DELETE")
        yield from self._called(called_functions(node))

    def update(self, node: _Node) -> Iterator[Effect]:
        yield from self.change_rows(node)
        table = self.database.tables.get(name_of(node.relation))
        for target in node.targetList or ():
            column = table.columns.get(target.name) if table else None
            if column is not None:
                column.is_filled = True

    def drop_owned(self, _node: _Node) -> Iterator[Effect]:
        yield _code("DROP OWNED")

    def do(self, node: _Node) -> Iterator[Effect]:
        source = _source(node.args)
        found = _TAKES_AWAY.search(source)
        if found is not None:
            yield _code(found[0])
        yield from self._called(set(_WORD.findall(source)))

    def create_function(self, node: _Node) -> Iterator[Effect]:
        """It takes nothing away before it is called; what calls it later is no migration."""
        found = _TAKES_AWAY.search(_source(node.options))
        if found is not None:
            self._functions[path_of(node.funcname)[1]] = found[0]
        yield from ()

    def _called(self, names: Collection[str]) -> Iterator[Effect]:
        for name, what in self._functions.items():
            if name in names:
                yield _code(f"{what} in {name}()")

    def rename(self, node: _Node) -> Iterator[Effect]:
        if node.renameType == _OBJECTS.OBJECT_TABLE:
            old = name_of(node.relation)
            if (table := self.database.tables.pop(old, None)) is not None:
                self.database.tables[old[0], node.newname] = table
        elif node.renameType == _OBJECTS.OBJECT_COLUMN and node.relation is not None:
            columns = self._columns(name_of(node.relation))
            if (column := columns.pop(node.subname, None)) is not None:
                columns[node.newname] = column
        elif node.renameType == _OBJECTS.OBJECT_TYPE:
            self._rename_enum(path_of(node.object), (path_of(node.object)[0], node.newname))
        elif node.renameType == _OBJECTS.OBJECT_SCHEMA:
            for names in (self.database.tables, self.database.enums):
                for name in [name for name in names if name[0] == node.subname]:
                    names[node.newname, name[1]] = names.pop(name)  # type: ignore[assignment]
        yield from ()

    def move(self, node: _Node) -> Iterator[Effect]:
        if node.objectType == _OBJECTS.OBJECT_TABLE:
            old = name_of(node.relation)
            if (table := self.database.tables.pop(old, None)) is not None:
                self.database.tables[node.newschema, old[1]] = table
        elif node.objectType == _OBJECTS.OBJECT_TYPE:
            old = path_of(node.object)
            self._rename_enum(old, (node.newschema, old[1]))
        yield from ()

    def alter_table(self, node: _Node) -> Iterator[Effect]:
        name = name_of(node.relation)
        for command in node.cmds or ():
            yield from self._command(name, command)

    def _command(self, name: Name, command: _Node) -> Iterator[Effect]:
        columns = self._columns(name)
        if command.subtype == _ACTIONS.AT_AddColumn:
            yield from self._column_added(name, command.def_)
        elif command.subtype == _ACTIONS.AT_DropColumn:
            yield from self._column_lost(name, command.name)
        elif command.subtype == _ACTIONS.AT_AlterColumnType:
            yield from self._retyped(name, command.name, command.def_)
        elif command.subtype == _ACTIONS.AT_SetNotNull:
            yield from self._required(name, command.name)
        elif command.subtype == _ACTIONS.AT_DropNotNull and command.name in columns:
            columns[command.name].is_required = False
        elif (
            command.subtype == _ACTIONS.AT_AddConstraint
            and command.def_.contype == _CONSTRAINTS.CONSTR_PRIMARY
        ):
            for key in command.def_.keys or ():
                yield from self._required(name, key.sval)

    def _columns(self, name: Name) -> dict[str, Column]:
        table = self.database.tables.get(name)
        return table.columns if table else {}

    def _is_old(self, name: Name) -> bool:
        """Whether rows may be in the table: all tables but those that the scripts made, known or not."""
        table = self.database.tables.get(name)
        return table is None or table.origin is not None

    def _origin(self, name: Name) -> Name:
        table = self.database.tables.get(name)
        return (table.origin if table else None) or name

    def _table_lost(self, name: Name) -> Iterator[Effect]:
        if self._is_old(name):
            is_read = any(name == table for table, _ in self._read)
            yield Effect(kind="table", table=self._origin(name), is_read=is_read)
        self.database.tables.pop(name, None)

    def _rows_lost(self, name: Name, how: str) -> Iterator[Effect]:
        if self._is_old(name):
            yield Effect(kind="rows", table=self._origin(name), detail=how)

    def _column_lost(self, name: Name, column_name: str) -> Iterator[Effect]:
        column = self._columns(name).pop(column_name, None)
        if self._is_old(name) and (column is None or column.origin is not None):
            origin = column.origin if column else column_name
            is_read = not self._read.isdisjoint({(name, column_name), (name, "*")})
            yield Effect(kind="column", table=self._origin(name), column=origin, is_read=is_read)

    def _columns_of_type_lost(self, type_name: Name) -> Iterator[Effect]:
        for name, table in self.database.tables.items():
            for column_name in [c for c, column in table.columns.items() if _is_type(column.type, type_name)]:
                yield from self._column_lost(name, column_name)
        self.database.enums.pop(type_name, None)

    def _column_added(self, name: Name, definition: _Node) -> Iterator[Effect]:
        table = self.database.tables.get(name)
        column = self._add_column(table or Table(origin=name), definition)
        if column.is_required and not column.is_filled and self._is_old(name):
            now = name, definition.colname
            yield Effect(kind="new null", table=self._origin(name), column=definition.colname, now=now)

    def _add_column(self, table: Table, definition: _Node) -> Column:
        kinds = {constraint.contype for constraint in definition.constraints or ()}
        is_serial = path_of(definition.typeName.names)[1] in _SERIALS
        column = Column(
            type=RawStream()(definition.typeName),
            origin=None,
            is_required=bool(kinds & {_CONSTRAINTS.CONSTR_NOTNULL, _CONSTRAINTS.CONSTR_PRIMARY}),
            is_filled=is_serial or bool(kinds & set(_FILLED)),
        )
        table.columns[definition.colname] = column
        return column

    def _required(self, name: Name, column_name: str) -> Iterator[Effect]:
        column = self._columns(name).get(column_name)
        is_known = column is not None and (column.is_required or column.is_filled)
        if column is not None:
            column.is_required = True
        if self._is_old(name) and not is_known:
            origin = (column.origin if column else None) or column_name
            yield Effect(kind="null", table=self._origin(name), column=origin, now=(name, column_name))

    def _retyped(self, name: Name, column_name: str, definition: _Node) -> Iterator[Effect]:
        column = self._columns(name).get(column_name)
        new_type, old_type = RawStream()(definition.typeName), column.type if column else "unknown"
        if column is not None:
            column.type = new_type
        if not self._is_old(name) or (column is not None and column.origin is None):
            return
        old, new = self._enum_of(old_type), self._enum_of(new_type)
        if old is not None and new is not None:
            yield from self._values_lost(old, new)
        elif not is_lossless(old_type, new_type):
            origin = (column.origin if column else None) or column_name
            detail = f"{old_type} to {new_type}"
            yield Effect(kind="type", table=self._origin(name), column=origin, detail=detail)

    def _values_lost(self, old: EnumType, new: EnumType) -> Iterator[Effect]:
        for value, origin in old.values.items():
            if value not in new.values and origin is not None and old.origin is not None:
                yield Effect(kind="value", enum=old.origin, value=origin, remaining=tuple(new.values))
        new.origin = new.origin or old.origin
        new.values = {value: new.values[value] or old.values.get(value) for value in new.values}

    def _enum_of(self, sql_type: str) -> EnumType | None:
        return next((enum for name, enum in self.database.enums.items() if _is_type(sql_type, name)), None)

    def _rename_enum(self, old: Name, new: Name) -> None:
        enum = self.database.enums.pop(old, None)
        if enum is None:
            return
        self.database.enums[new] = enum
        for table in self.database.tables.values():
            for column in table.columns.values():
                if _is_type(column.type, old):
                    lists = "[]" if column.type.endswith("[]") else ""
                    column.type = f"{_printed(new)}{lists}"


def _source(options: _Node) -> str:
    """The text of a DO block or a function."""
    texts = (option.arg for option in options or () if option.defname == "as")
    return "\n".join(
        str(part.sval) for text in texts for part in (text if isinstance(text, tuple) else (text,))
    )


def _code(what: str) -> Effect:
    return Effect(kind="code", detail=" ".join(what.split()))


def _type_names(node: _Node) -> list[Name]:
    return [path_of(found.names) for found in node.objects or () if isinstance(found, ast.TypeName)]


def _is_type(sql_type: str, name: Name) -> bool:
    plain = sql_type.removesuffix("[]")
    return plain == _printed(name)


def _printed(name: Name) -> str:
    """As pglast prints a type's name."""
    parts = [ast.String(sval=part) for part in name if part and part != "public"]
    return RawStream()(ast.TypeName(names=tuple(parts), typemod=-1))


_READERS: Final[dict[type, Callable[[Reader, _Node], Iterator[Effect]]]] = {
    ast.CreateStmt: Reader.create_table,
    ast.CreateTableAsStmt: Reader.create_table_as,
    ast.CreateEnumStmt: Reader.create_enum,
    ast.AlterEnumStmt: Reader.alter_enum,
    ast.DropStmt: Reader.drop,
    ast.TruncateStmt: Reader.truncate,
    ast.DeleteStmt: Reader.change_rows,
    ast.InsertStmt: Reader.change_rows,
    ast.MergeStmt: Reader.change_rows,
    ast.SelectStmt: Reader.change_rows,
    ast.CallStmt: Reader.change_rows,
    ast.DropOwnedStmt: Reader.drop_owned,
    ast.UpdateStmt: Reader.update,
    ast.DoStmt: Reader.do,
    ast.CreateFunctionStmt: Reader.create_function,
    ast.RenameStmt: Reader.rename,
    ast.AlterObjectSchemaStmt: Reader.move,
    ast.AlterTableStmt: Reader.alter_table,
}
