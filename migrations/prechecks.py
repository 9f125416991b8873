"""The questions that a downgrade puts to the data first, from what down.sql does.

Each check is a query over the database as it is before the script runs; names that the script itself changes
on the way are followed back. Where the script writes to a table before it tightens it, only running it can
tell: such a table gets no ``in_use`` check, and the transaction is what protects it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from pglast import ast, enums
from pglast.parser import parse_sql, scan
from pglast.stream import RawStream

from . import data_questions as questions
from .identifiers import quoted
from .scripts.split import normalised

_WRITES = (ast.UpdateStmt, ast.InsertStmt, ast.DeleteStmt, ast.MergeStmt)
_TABLES = (enums.ObjectType.OBJECT_TABLE, enums.ObjectType.OBJECT_FOREIGN_TABLE)
_FILLED = (
    enums.ConstrType.CONSTR_DEFAULT,
    enums.ConstrType.CONSTR_IDENTITY,
    enums.ConstrType.CONSTR_GENERATED,
)
_REQUIRED = (enums.ConstrType.CONSTR_NOTNULL, enums.ConstrType.CONSTR_PRIMARY)
_SERIALS = frozenset({"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})

_MAKING = (ast.CreateStmt, ast.IndexStmt)
_ALTERING = (ast.AlterTableStmt, ast.IndexStmt, ast.RenameStmt)

_Name: TypeAlias = tuple[str | None, str]
#: A parsed statement and its text.
Statement: TypeAlias = tuple[Any, str]
#: pglast says of every attribute that it may be missing; which are there is Postgres' grammar.
_Node: TypeAlias = Any


def statements_of(script: str) -> list[Statement]:
    """The statements of a script that parses, each with its text."""
    text = normalised(script)
    statements = []
    for raw in parse_sql(text):
        if raw.stmt is not None:
            start = raw.stmt_location or 0
            end = start + raw.stmt_len if raw.stmt_len else len(text)
            statements.append((raw.stmt, text[start:end]))
    return statements


def needed_rights(script: str) -> tuple[list[str], list[str | None]]:
    """The quoted names of tables that a script alters, drops, renames or indexes, which only their owner may;
    and the schemas in which it makes objects (None: the first of the search path)."""
    tables: dict[str, None] = {}
    schemas: dict[str | None, None] = {}
    for raw in parse_sql(normalised(script)):
        node: _Node = raw.stmt
        if isinstance(node, _ALTERING) and node.relation:
            tables[quoted(*_parts(_relation(node.relation)))] = None
        if isinstance(node, ast.DropStmt) and node.removeType in _TABLES:
            tables |= {quoted(*_parts(_path(path))): None for path in node.objects or ()}
        if isinstance(node, _MAKING):
            schemas[_relation(node.relation)[0]] = None
        if isinstance(node, ast.CreateEnumStmt):
            schemas[_path(node.typeName)[0]] = None
    return list(tables), list(schemas)


class CheckReader:
    """Reads scripts in the order in which they run; finds out what each asks of the data before the first.

    A table is (schema, name), with None for the schema that the search path has first. ``put_off`` are the
    columns, as SQL, that the script read last tightens after rows were written: what is in them now tells
    nothing.
    """

    def __init__(self) -> None:
        self.put_off: list[str] = []
        self._checks: list[questions.Check] = []
        self._tables: dict[_Name, _Name] = {}  # names in the script to those before it
        self._columns: dict[tuple[_Name, str], str] = {}
        self._made: set[_Name] = set()  # tables that the script makes
        self._changed: set[tuple[_Name, str]] = set()  # columns that it makes or drops
        self._written: set[_Name] = set()
        self._labels: dict[_Name, tuple[str, ...]] = {}
        self._value_names: dict[
            _Name, dict[str, str]
        ] = {}  # of enums: names in the script to those before it
        self._is_opaque = False

    def checks_of(self, script: Iterable[Statement]) -> list[questions.Check]:
        """What the next script asks."""
        self._checks, self.put_off = [], []
        for node, sql in script:
            self._read(node, sql)
        return self._checks

    def _read(self, node: _Node, sql: str) -> None:
        if reader := _STATEMENTS.get(type(node)):
            reader(self, node)
        if isinstance(node, ast.DeleteStmt):
            self._delete(node, sql)
        if isinstance(node, _WRITES):
            self._written.add(self._before(_relation(node.relation)))

    def alter(self, node: _Node) -> None:
        for command in node.cmds or ():
            if reader := _COMMANDS.get(command.subtype):
                reader(self, _relation(node.relation), command)

    def drop(self, node: _Node) -> None:
        if node.removeType in _TABLES:
            for path in node.objects:
                self._lose_rows(_path(path), "DROP TABLE")

    def truncate(self, node: _Node) -> None:
        for relation in node.relations:
            self._lose_rows(_relation(relation), "TRUNCATE")

    def create(self, node: _Node) -> None:
        self._made.add(_relation(node.relation))

    def create_enum(self, node: _Node) -> None:
        schema, name = _path(node.typeName)
        # Prisma calls a type that takes another's place so.
        before = self._value_names.get((schema, name.removesuffix("_new")), {})
        self._labels[schema, name] = tuple(before.get(label.sval, label.sval) for label in node.vals or ())

    def alter_enum(self, node: _Node) -> None:
        if node.oldVal is not None:
            names = self._value_names.setdefault(_path(node.typeName), {})
            names[node.newVal] = names.pop(node.oldVal, node.oldVal)

    def run_code(self, _node: _Node) -> None:
        self._is_opaque = True

    def _lose_rows(self, name: _Name, why: str) -> None:
        before = self._before(name)
        if before not in self._made:
            self._add(questions.rows_lost(quoted(*_parts(before)), why))

    def _delete(self, node: _Node, sql: str) -> None:
        before = self._before(_relation(node.relation))
        if before in self._made:
            return
        alias = node.relation.alias.aliasname if node.relation.alias else None
        condition = None if node.usingClause or node.withClause else _condition(sql)
        self._add(questions.rows_deleted(quoted(*_parts(before)), alias, condition))

    def drop_column(self, name: _Name, command: _Node) -> None:
        found = self._column(name, command.name)
        self._changed.add((self._before(name), command.name))
        if found:
            self._add(questions.values_lost(*found))

    def set_not_null(self, name: _Name, command: _Node) -> None:
        found = self._column(name, command.name)
        if found and not self._is_written(name, command.name):
            self._add(questions.nulls(*found))

    def add_column(self, name: _Name, command: _Node) -> None:
        before, column = self._before(name), command.def_
        self._changed.add((before, column.colname))
        kinds = [constraint.contype for constraint in column.constraints or ()]
        is_filled = column.typeName.names[-1].sval in _SERIALS or any(kind in _FILLED for kind in kinds)
        is_required = any(kind in _REQUIRED for kind in kinds)
        if not is_required or is_filled or before in self._made:
            return
        if not self._is_written(name, column.colname):
            self._add(questions.rows_without(quoted(*_parts(before)), column.colname))

    def retype(self, name: _Name, command: _Node) -> None:
        found, new = self._column(name, command.name), command.def_.typeName
        if found is None or not _is_plain_cast(command.def_.raw_default):
            return
        if self._is_written(name, command.name):
            return
        labels = self._labels.get(_path(new.names))
        if labels is None:
            self._add(questions.values_narrowed(*found, RawStream()(new)))
        else:
            self._add(questions.values_in_use(*found, labels, is_array=bool(new.arrayBounds)))

    def rename(self, node: _Node) -> None:
        kinds = enums.ObjectType
        if node.renameType == kinds.OBJECT_TABLE:
            old = _relation(node.relation)
            new = (old[0], node.newname)
            if old in self._made:
                self._made.add(new)
            else:
                self._tables[new] = self._before(old)
        elif node.renameType == kinds.OBJECT_COLUMN and node.relation is not None:
            before = self._before(_relation(node.relation))
            older = self._columns.pop((before, node.subname), node.subname)
            if (before, node.subname) in self._changed:
                self._changed.add((before, node.newname))
            else:
                self._columns[before, node.newname] = older
        elif node.renameType == kinds.OBJECT_TYPE and (labels := self._labels.get(_path(node.object))):
            self._labels[(_path(node.object)[0], node.newname)] = labels

    def _column(self, name: _Name, column: str) -> tuple[str, str] | None:
        """The quoted table and the column's name before the script; None for what the script has made."""
        before = self._before(name)
        if before in self._made or (before, column) in self._changed:
            return None
        return quoted(*_parts(before)), self._columns.get((before, column), column)

    def _before(self, name: _Name) -> _Name:
        return self._tables.get(name, name)

    def _is_written(self, name: _Name, column: str) -> bool:
        if not self._is_opaque and self._before(name) not in self._written:
            return False
        self.put_off.append(f"{quoted(*_parts(name))}.{quoted(column)}")
        return True

    def _add(self, check: questions.Check) -> None:
        if check not in self._checks:
            self._checks.append(check)


_STATEMENTS: Final[dict[type, Callable[[CheckReader, _Node], None]]] = {
    ast.AlterTableStmt: CheckReader.alter,
    ast.DropStmt: CheckReader.drop,
    ast.TruncateStmt: CheckReader.truncate,
    ast.RenameStmt: CheckReader.rename,
    ast.CreateStmt: CheckReader.create,
    ast.CreateEnumStmt: CheckReader.create_enum,
    ast.AlterEnumStmt: CheckReader.alter_enum,
    ast.DoStmt: CheckReader.run_code,
    ast.CallStmt: CheckReader.run_code,
}
_COMMANDS: Final[dict[enums.AlterTableType, Callable[[CheckReader, _Name, _Node], None]]] = {
    enums.AlterTableType.AT_DropColumn: CheckReader.drop_column,
    enums.AlterTableType.AT_SetNotNull: CheckReader.set_not_null,
    enums.AlterTableType.AT_AddColumn: CheckReader.add_column,
    enums.AlterTableType.AT_AlterColumnType: CheckReader.retype,
}


def _relation(relation: _Node) -> _Name:
    return None if relation.schemaname in (None, "public") else relation.schemaname, relation.relname


def _path(path: _Node) -> _Name:
    names = [part.sval for part in path]
    schema = names[-2] if len(names) > 1 else None
    return None if schema == "public" else schema, names[-1]


def _parts(name: _Name) -> list[str]:
    return [part for part in name if part is not None]


def _is_plain_cast(using: _Node) -> bool:
    """``USING column::text::type``, or nothing: what Postgres, or a diff, does by itself."""
    while isinstance(using, ast.TypeCast):
        using = using.arg
    return using is None or isinstance(using, ast.ColumnRef)


def _condition(sql: str) -> str | None:
    depth = 0
    for token in scan(sql):
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.name, 0)
        if token.name == "WHERE" and depth == 0:
            return sql[token.end + 1 :].partition("RETURNING")[0].strip() + "\n"
    return None
