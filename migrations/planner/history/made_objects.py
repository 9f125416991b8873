"""What scripts make of tables: constraints, indexes, views, triggers, policies, generated columns.

Each is kept as the statement that makes it again, in the names of today.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from pglast import ast, enums
from pglast.stream import RawStream

from ...ddl.catalog_model import object_name
from ...ddl.columns import constrained_columns, expression_name
from ...ddl.function_calls import columns_named, columns_read
from ...ddl.names import Name, dropped, name_of, path_of
from ...ddl.statements import parse_script
from .renaming import ColumnRenaming, TableRenaming

_Node: TypeAlias = Any
Kind = Literal["column", "constraint", "index", "view", "trigger", "policy", "setting"]
#: A kind, the table (or the view itself), and a name in it.
Key: TypeAlias = tuple[Kind, Name, str]
_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_LABELS = {
    _CONSTRAINTS.CONSTR_UNIQUE: "key",
    _CONSTRAINTS.CONSTR_CHECK: "check",
    _CONSTRAINTS.CONSTR_FOREIGN: "fkey",
    _CONSTRAINTS.CONSTR_EXCLUSION: "excl",
}
_SETTINGS = (
    _ACTIONS.AT_EnableRowSecurity,
    _ACTIONS.AT_ForceRowSecurity,
    _ACTIONS.AT_ReplicaIdentity,
    _ACTIONS.AT_SetRelOptions,
)
_VIEWS = (_OBJECTS.OBJECT_VIEW, _OBJECTS.OBJECT_MATVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """``reads`` are the columns that it names, of whatever table; ``is_known`` is False where its statement
    can't be written again."""

    kind: Kind
    table: Name
    name: str
    node: _Node
    reads: frozenset[tuple[Name, str]] = frozenset()
    is_known: bool = True

    @property
    def key(self) -> Key:
        return self.kind, self.table, self.name

    @property
    def creation(self) -> str:
        """The statement that makes it again."""
        if self.kind in ("constraint", "column"):
            verb = "ADD COLUMN" if self.kind == "column" else "ADD"
            return f"ALTER TABLE {_printed(self._range)} {verb} {_printed(self.node)}"
        return _printed(self.node)

    @property
    def removal(self) -> str:
        """The statement that drops it."""
        own, table = _printed(ast.RangeVar(relname=self.name, inh=True)), _printed(self._range)
        match self.kind:
            case "constraint":
                return f"ALTER TABLE {table} DROP CONSTRAINT {own}"
            case "column":
                return f"ALTER TABLE {table} DROP COLUMN {own}"
            case "view":
                is_stored = isinstance(self.node, ast.CreateTableAsStmt)
                return f"DROP {'MATERIALIZED ' if is_stored else ''}VIEW {table}"
            case "index":
                index = ast.RangeVar(schemaname=_schema(self.table), relname=self.name, inh=True)
                return f"DROP INDEX {_printed(index)}"
            case _:
                return f"DROP {self.kind.upper()} {own} ON {table}"

    @property
    def _range(self) -> ast.RangeVar:
        return ast.RangeVar(schemaname=_schema(self.table), relname=self.table[1], inh=True)


@dataclass(slots=True)
class MadeObjects:
    """``gone`` are those that were dropped since :meth:`begin`, which may come back under their names."""

    objects: dict[Key, Made] = field(default_factory=dict)
    gone: dict[Key, Made] = field(default_factory=dict)

    @classmethod
    def of(cls, scripts: Iterable[str]) -> MadeObjects:
        """What ``scripts``, in order, leave behind. Raises MigrationSyntaxError."""
        made = cls()
        for script in scripts:
            for statement in parse_script(script):
                made.apply(statement.node)
        made.gone.clear()
        return made

    def copied(self) -> MadeObjects:
        """A copy that other statements can be applied to: nodes are replaced, never changed."""
        return MadeObjects({**self.objects}, {**self.gone})

    def apply(self, node: _Node) -> None:
        """Follow one statement."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)

    def add(self, made: Made) -> None:
        self.objects[made.key] = made
        self.gone.pop(made.key, None)

    def remove(self, key: Key) -> None:
        found = self.objects.pop(key, None)
        if found is not None:
            self.gone[key] = found

    def constraint(self, table: Name, name: str) -> Made | None:
        """The constraint, or the one of that name that is gone."""
        key: Key = ("constraint", table, name)
        return self.objects.get(key) or self.gone.get(key)

    def naming(self, table: Name, column: str) -> Iterator[Made]:
        """What names a column, and what depends on that."""
        found: dict[Key, Made] = {}
        waiting = {(table, column)}
        while waiting:
            more = [m for k, m in self.objects.items() if k not in found and not m.reads.isdisjoint(waiting)]
            found |= {each.key: each for each in more}
            waiting = {(each.table, each.name) for each in more if each.kind == "column"}
            views = {each.table for each in more if each.kind == "view"}
            waiting |= {place for made in self.objects.values() for place in made.reads if place[0] in views}
        settings = [m for m in self.objects.values() if m.kind in ("setting", "index", "trigger")]
        views = {each.table for each in found.values() if each.kind == "view"}
        yield from found.values()
        yield from (each for each in settings if each.table in views and each.key not in found)


def _printed(node: _Node) -> str:
    return str(RawStream()(node)).strip()


def _schema(name: Name) -> str | None:
    return None if name[0] == "public" else name[0]


def _create_table(made: MadeObjects, node: _Node) -> None:
    table = name_of(node.relation)
    for element in node.tableElts or ():
        if isinstance(element, ast.ColumnDef):
            _add_column(made, table, element)
        elif isinstance(element, ast.Constraint):
            _add_constraint(made, table, element)


def _add_column(made: MadeObjects, table: Name, column: _Node) -> None:
    constraints = [each for each in column.constraints or () if isinstance(each, ast.Constraint)]
    for at, each in enumerate(constraints):
        if each.contype == _CONSTRAINTS.CONSTR_GENERATED:
            reads = frozenset((table, name) for name in columns_named(each))
            own = copy.deepcopy(column)
            kept = (_CONSTRAINTS.CONSTR_GENERATED, _CONSTRAINTS.CONSTR_NOTNULL)
            own.constraints = tuple(c for c in own.constraints if c.contype in kept)
            made.add(Made(kind="column", table=table, name=column.colname, node=own, reads=reads))
        elif each.contype in _LABELS:
            _add_constraint(made, table, _with_attributes(each, constraints[at + 1 :]), column.colname)


def _with_attributes(constraint: _Node, following: Iterable[_Node]) -> _Node:
    """A column's constraint, with DEFERRABLE and the like, which the parser gives as constraints after it."""
    found = copy.deepcopy(constraint)
    for each in following:
        if each.contype == _CONSTRAINTS.CONSTR_ATTR_DEFERRABLE:
            found.deferrable = True
        elif each.contype == _CONSTRAINTS.CONSTR_ATTR_DEFERRED:
            found.deferrable = found.initdeferred = True
        elif each.contype not in (
            _CONSTRAINTS.CONSTR_ATTR_NOT_DEFERRABLE,
            _CONSTRAINTS.CONSTR_ATTR_IMMEDIATE,
        ):
            break
    return found


def _add_constraint(made: MadeObjects, table: Name, constraint: _Node, column: str | None = None) -> None:
    label = _LABELS.get(constraint.contype)
    if label is None:
        return
    own = copy.deepcopy(constraint)
    index = made.objects.get(("index", table, constraint.indexname or ""))
    if index is not None:
        made.objects.pop(index.key)
        own.keys = tuple(ast.String(sval=part.name) for part in index.node.indexParams or ())
        own.indexname, own.nulls_not_distinct = None, index.node.nulls_not_distinct
        own.conname = own.conname or index.name
    if column is not None and own.contype == _CONSTRAINTS.CONSTR_UNIQUE:
        own.keys = (ast.String(sval=column),)
    if column is not None and own.contype == _CONSTRAINTS.CONSTR_FOREIGN:
        own.fk_attrs = (ast.String(sval=column),)
    keys = _columns(own)
    parts = [table[1], "_".join(keys)] if keys and (label != "check" or len(keys) == 1) else [table[1]]
    own.conname = own.conname or _free(made, table, parts, label)
    reads = frozenset((table, key) for key in keys)
    if own.contype == _CONSTRAINTS.CONSTR_FOREIGN:
        reads |= {(name_of(own.pktable), key.sval) for key in own.pk_attrs or ()}
    made.add(Made(kind="constraint", table=table, name=own.conname, node=own, reads=reads))


def _columns(constraint: _Node) -> list[str]:
    if constraint.contype == _CONSTRAINTS.CONSTR_FOREIGN:
        return [part.sval for part in constraint.fk_attrs or ()]
    return constrained_columns(constraint) or sorted(columns_named(constraint))


def _free(made: MadeObjects, table: Name, parts: list[str], label: str) -> str:
    """The name that Postgres gives a constraint without one."""
    number = 0
    while True:
        name = object_name(*parts, label=f"{label}{number or ''}")
        if ("constraint", table, name) not in made.objects:
            return name
        number += 1


def _alter_table(made: MadeObjects, node: _Node) -> None:
    table = name_of(node.relation)
    for command in node.cmds or ():
        key: Key = ("constraint", table, command.name or "")
        match command.subtype:
            case _ACTIONS.AT_AddColumn:
                _add_column(made, table, command.def_)
            case _ACTIONS.AT_AddConstraint:
                _add_constraint(made, table, command.def_)
            case _ACTIONS.AT_DropConstraint:
                made.remove(key)
            case _ACTIONS.AT_DropColumn:
                for each in [m for m in made.objects.values() if _goes_with(m, table, command.name)]:
                    made.remove(each.key)
            case _ACTIONS.AT_ValidateConstraint if key in made.objects:
                own = copy.deepcopy(made.objects[key].node)
                own.skip_validation, own.initially_valid = False, True
                made.add(replace(made.objects[key], node=own))
            case subtype if subtype in _SETTINGS:
                own = ast.AlterTableStmt(relation=node.relation, cmds=(command,), objtype=node.objtype)
                made.add(Made(kind="setting", table=table, name=_printed(own), node=own))
            case _:
                pass


def _goes_with(made: Made, table: Name, column: str) -> bool:
    if made.kind == "column" and (made.table, made.name) == (table, column):
        return True
    return made.kind in ("constraint", "index") and (table, column) in made.reads


def _create_index(made: MadeObjects, node: _Node) -> None:
    table = name_of(node.relation)
    own = copy.deepcopy(node)
    own.concurrent = own.if_not_exists = False
    names = {part.name for part in (*node.indexParams, *(node.indexIncludingParams or ())) if part.name}
    parts = (part.name or expression_name(part.expr) for part in node.indexParams)
    own.idxname = own.idxname or object_name(table[1], "_".join(parts), label="idx")
    reads = frozenset((table, name) for name in names | columns_named(node))
    made.add(Made(kind="index", table=table, name=own.idxname, node=own, reads=reads))


def _create_view(made: MadeObjects, node: _Node) -> None:
    if node.view.relpersistence != "t":  # gone with the session
        _add_view(made, name_of(node.view), node, node.query)


def _create_table_as(made: MadeObjects, node: _Node) -> None:
    if node.objtype == _OBJECTS.OBJECT_MATVIEW:
        _add_view(made, name_of(node.into.rel), node, node.query)


def _add_view(made: MadeObjects, name: Name, node: _Node, query: _Node) -> None:
    own = copy.deepcopy(node)
    if isinstance(own, ast.ViewStmt):
        own.replace = False
    else:
        own.if_not_exists = False
    reads = frozenset(columns_read(query))
    is_known = not any(column == "*" for _, column in reads)  # it would have other columns today
    made.add(Made(kind="view", table=name, name="", node=own, reads=reads, is_known=is_known))


def _create_trigger(made: MadeObjects, node: _Node) -> None:
    table = name_of(node.relation)
    names = {part.sval for part in node.columns or ()} | columns_named(node)
    reads = frozenset((table, name) for name in names)
    made.add(Made(kind="trigger", table=table, name=node.trigname, node=copy.deepcopy(node), reads=reads))


def _create_policy(made: MadeObjects, node: _Node) -> None:
    table = name_of(node.table)
    reads = frozenset((table, name) for name in columns_named(node))
    own = copy.deepcopy(node)
    made.add(Made(kind="policy", table=table, name=node.policy_name, node=own, reads=reads))


def _grant(made: MadeObjects, node: _Node) -> None:
    if node.objtype != _OBJECTS.OBJECT_TABLE or not node.is_grant:
        return
    for relation in node.objects or ():
        if isinstance(relation, ast.RangeVar):
            own = copy.deepcopy(node)
            own.objects = (copy.deepcopy(relation),)
            made.add(Made(kind="setting", table=name_of(relation), name=_printed(own), node=own))


def _drop(made: MadeObjects, node: _Node) -> None:
    kind = node.removeType
    if kind in (_OBJECTS.OBJECT_TRIGGER, _OBJECTS.OBJECT_POLICY):
        label: Kind = "trigger" if kind == _OBJECTS.OBJECT_TRIGGER else "policy"
        for each in node.objects or ():
            made.remove((label, path_of(each[:-1]), each[-1].sval))
        return
    if kind not in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_INDEX, *_VIEWS):
        return
    for name in dropped(node):
        for made_of in [*made.objects.values()]:
            if kind == _OBJECTS.OBJECT_INDEX:
                is_gone = made_of.kind == "index" and (made_of.table[0], made_of.name) == name
            else:
                is_gone = made_of.table == name
            if is_gone:
                made.remove(made_of.key)


def _rename(made: MadeObjects, node: _Node) -> None:
    kind = node.renameType
    if kind == _OBJECTS.OBJECT_TABLE or kind in _VIEWS:
        old = name_of(node.relation)
        _move(made, old, (old[0], node.newname))
    elif kind == _OBJECTS.OBJECT_COLUMN:
        _rename_column(made, name_of(node.relation), node.subname, node.newname)
    elif kind == _OBJECTS.OBJECT_TABCONSTRAINT:
        _rename_object(made, name_of(node.relation), node.subname, node.newname)
    elif kind == _OBJECTS.OBJECT_INDEX:
        schema, old_name = name_of(node.relation)
        tables = {table for _, table, name in (*made.objects, *made.gone) if name == old_name}
        for table in tables:
            if table[0] == schema:
                _rename_object(made, table, old_name, node.newname)


def _move(made: MadeObjects, old: Name, new: Name) -> None:
    def moved(each: Made) -> Made:
        own = copy.deepcopy(each.node)
        TableRenaming(old, new)(own)
        reads = frozenset((new if table == old else table, column) for table, column in each.reads)
        table = new if each.table == old else each.table
        name = _printed(own) if each.kind == "setting" else each.name
        return replace(each, table=table, name=name, node=own, reads=reads)

    _replace(made, lambda each: each.table == old or any(table == old for table, _ in each.reads), moved)


def _rename_column(made: MadeObjects, table: Name, old: str, new: str) -> None:
    def renamed(each: Made) -> Made:
        own = copy.deepcopy(each.node)
        renaming = ColumnRenaming(table, old, new, None if each.kind == "view" else each.table)
        renaming.begin(own)
        name = each.name
        if each.kind == "column" and (each.table, name) == (table, old):
            own.colname = name = new
        reads = frozenset((table, new) if place == (table, old) else place for place in each.reads)
        return replace(each, name=name, node=own, reads=reads, is_known=each.is_known and renaming.is_certain)

    is_own: Callable[[Made], bool] = lambda each: each.key == ("column", table, old)  # noqa: E731
    _replace(made, lambda each: is_own(each) or (table, old) in each.reads, renamed)


def _rename_object(made: MadeObjects, table: Name, old: str, new: str) -> None:
    def renamed(each: Made) -> Made:
        own = copy.deepcopy(each.node)
        setattr(own, "idxname" if each.kind == "index" else "conname", new)
        return replace(each, name=new, node=own)

    _replace(
        made,
        lambda each: each.kind in ("constraint", "index") and (each.table, each.name) == (table, old),
        renamed,
    )


def _replace(made: MadeObjects, affects: Callable[[Made], bool], change: Callable[[Made], Made]) -> None:
    for known in (made.objects, made.gone):
        changed = [change(each) if affects(each) else each for each in known.values()]
        known.clear()
        known.update({each.key: each for each in changed})


def _set_schema(made: MadeObjects, node: _Node) -> None:
    if node.objectType == _OBJECTS.OBJECT_TABLE or node.objectType in _VIEWS:
        old = name_of(node.relation)
        _move(made, old, (node.newschema, old[1]))


_HANDLERS: Final[dict[type, Callable[[MadeObjects, _Node], None]]] = {
    ast.CreateStmt: _create_table,
    ast.AlterTableStmt: _alter_table,
    ast.IndexStmt: _create_index,
    ast.ViewStmt: _create_view,
    ast.CreateTableAsStmt: _create_table_as,
    ast.CreateTrigStmt: _create_trigger,
    ast.CreatePolicyStmt: _create_policy,
    ast.GrantStmt: _grant,
    ast.DropStmt: _drop,
    ast.RenameStmt: _rename,
    ast.AlterObjectSchemaStmt: _set_schema,
}
