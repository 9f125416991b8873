"""Which tables a script locks, how, and what it does meanwhile that takes longer with more rows.

Source: the Postgres manual, "Explicit Locking" (table-level locks), and the page of each command. What code
in DO, CALL and functions locks isn't told by a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pglast import ast, enums

from ..ddl.names import Name, name_of, path_of, sql_name
from ..ddl.statements import parse_script

#: From the weakest to the strongest that a migration takes on a table that is in use.
MODES: Final = (
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
Mode: TypeAlias = Literal[
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
#: What takes longer with more rows. ``may-rewrite``: it depends on the types, or on a function's volatility.
Work: TypeAlias = Literal["writes-rows", "reads-rows", "builds-index", "may-rewrite", "rewrites"]

_COMMANDS = enums.AlterTableType
_OBJECTS = enums.ObjectType
_CONSTRAINTS = enums.ConstrType
_WEAK_COMMANDS = {
    _COMMANDS.AT_SetStatistics,
    _COMMANDS.AT_SetOptions,
    _COMMANDS.AT_ResetOptions,
    _COMMANDS.AT_ClusterOn,
    _COMMANDS.AT_DropCluster,
    _COMMANDS.AT_ValidateConstraint,
}
_TRIGGER_COMMANDS = {
    _COMMANDS.AT_EnableTrig,
    _COMMANDS.AT_EnableAlwaysTrig,
    _COMMANDS.AT_EnableReplicaTrig,
    _COMMANDS.AT_DisableTrig,
    _COMMANDS.AT_EnableTrigAll,
    _COMMANDS.AT_DisableTrigAll,
    _COMMANDS.AT_EnableTrigUser,
    _COMMANDS.AT_DisableTrigUser,
}
_STORAGE = {_COMMANDS.AT_SetRelOptions, _COMMANDS.AT_ResetRelOptions}
_WEAK_STORAGE = ("fillfactor", "autovacuum", "toast", "parallel_workers", "log_autovacuum", "vacuum")
#: They give every row the same value, which Postgres keeps once (the manual, ALTER TABLE, "ADD COLUMN").
_STABLE = {"now", "transaction_timestamp", "statement_timestamp", "current_setting"}
_ON_TABLES = (_OBJECTS.OBJECT_TRIGGER, _OBJECTS.OBJECT_POLICY, _OBJECTS.OBJECT_RULE)
_TABLES = (
    _OBJECTS.OBJECT_TABLE,
    _OBJECTS.OBJECT_MATVIEW,
    _OBJECTS.OBJECT_VIEW,
    _OBJECTS.OBJECT_FOREIGN_TABLE,
)


@dataclass(frozen=True, slots=True)
class TableLock:
    """The strongest lock that a script takes on a table that was there before it. ``works`` is what is done
    under it or under weaker ones; ``table`` is the name as SQL."""

    table: str
    mode: Mode
    works: tuple[Work, ...]

    @property
    def waiting(self) -> str:
        """Who waits for the transaction to end."""
        strength = MODES.index(self.mode)
        if strength == len(MODES) - 1:
            return "reads and writes"
        return "writes" if strength >= MODES.index("SHARE") else "nobody"


@dataclass(frozen=True, slots=True)
class _Taken:
    name: Name
    mode: Mode
    work: Work | None = None


_Taking: TypeAlias = Iterator[_Taken]


def script_locks(script: str) -> tuple[TableLock, ...]:
    """The tables that a script locks, in the order in which it first does. Raises pglast's ParseError."""
    made: set[Name] = set()
    taken: list[_Taken] = []
    for statement in parse_script(script):
        taken += [each for each in _locks(statement.node) if each.name not in made]
        made |= _made(statement.node)
    names = dict.fromkeys(each.name for each in taken)
    return tuple(_strongest(name, [each for each in taken if each.name == name]) for name in names)


def runs_code(script: str) -> bool:
    """Whether a script runs code whose locks it doesn't tell: DO, CALL, or a query of functions."""
    code = (ast.DoStmt, ast.CallStmt, ast.SelectStmt)
    return any(isinstance(each.node, code) for each in parse_script(script))


def _strongest(name: Name, taken: Sequence[_Taken]) -> TableLock:
    mode = max((each.mode for each in taken), key=MODES.index)
    works = dict.fromkeys(each.work for each in taken if each.work is not None)
    return TableLock(sql_name(name), mode, tuple(works))


def _made(node: Any) -> set[Name]:
    found: Any = node
    match node:
        case ast.CreateStmt():
            return {name_of(found.relation)}
        case ast.CreateTableAsStmt():
            return {name_of(found.into.rel)}
        case ast.ViewStmt():
            return {name_of(found.view)}
    return set()


def _locks(node: Any) -> _Taking:  # noqa: PLR0912 - one case a statement
    found: Any = node
    match node:
        case ast.AlterTableStmt():
            if found.objtype in _TABLES:
                for command in found.cmds:
                    yield from _altered(name_of(found.relation), command)
        case ast.CreateStmt():
            yield from _created(found)
        case ast.IndexStmt():
            mode: Mode = "SHARE UPDATE EXCLUSIVE" if found.concurrent else "SHARE"
            yield _Taken(name_of(found.relation), mode, "builds-index")
        case ast.RenameStmt() | ast.AlterObjectSchemaStmt():
            if found.relation is not None and _object_kinds(found) & {
                *_TABLES,
                *_ON_TABLES,
                _OBJECTS.OBJECT_TABCONSTRAINT,
            }:
                yield _Taken(name_of(found.relation), "ACCESS EXCLUSIVE")
        case ast.DropStmt():
            yield from _dropped(found)
        case ast.CreateTrigStmt():
            yield _Taken(name_of(found.relation), "SHARE ROW EXCLUSIVE")
        case ast.CreatePolicyStmt() | ast.AlterPolicyStmt():
            yield _Taken(name_of(found.table), "ACCESS EXCLUSIVE")
        case ast.RuleStmt():
            yield _Taken(name_of(found.relation), "ACCESS EXCLUSIVE")
        case ast.InsertStmt() | ast.UpdateStmt() | ast.DeleteStmt() | ast.MergeStmt():
            yield _Taken(name_of(found.relation), "ROW EXCLUSIVE", "writes-rows")
        case ast.TruncateStmt():
            for relation in found.relations:
                yield _Taken(name_of(relation), "ACCESS EXCLUSIVE")
        case ast.RefreshMatViewStmt():
            mode = "EXCLUSIVE" if found.concurrent else "ACCESS EXCLUSIVE"
            yield _Taken(name_of(found.relation), mode, "rewrites")
        case ast.ViewStmt():
            if found.replace:
                yield _Taken(name_of(found.view), "ACCESS EXCLUSIVE")
        case ast.CommentStmt():
            if found.objtype in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_COLUMN):
                parts = found.object[: -1 if found.objtype == _OBJECTS.OBJECT_COLUMN else None]
                yield _Taken(path_of(parts), "SHARE UPDATE EXCLUSIVE")


def _object_kinds(node: Any) -> set[Any]:
    """What a statement renames or moves, and what that belongs to."""
    return {getattr(node, name, None) for name in ("renameType", "relationType", "objectType")}


def _altered(table: Name, command: Any) -> _Taking:
    kind = command.subtype
    if kind == _COMMANDS.AT_AddConstraint:
        yield from _constrained(table, command.def_)
    elif kind in (_COMMANDS.AT_AttachPartition, _COMMANDS.AT_DetachPartition):
        weak = kind == _COMMANDS.AT_AttachPartition or command.def_.concurrent
        yield _Taken(table, "SHARE UPDATE EXCLUSIVE" if weak else "ACCESS EXCLUSIVE")
        part = name_of(command.def_.name)
        yield _Taken(part, "ACCESS EXCLUSIVE", "reads-rows" if weak and not command.def_.concurrent else None)
    elif kind in _WEAK_COMMANDS or (kind in _STORAGE and _is_weak_storage(command)):
        work: Work | None = "reads-rows" if kind == _COMMANDS.AT_ValidateConstraint else None
        yield _Taken(table, "SHARE UPDATE EXCLUSIVE", work)
    elif kind in _TRIGGER_COMMANDS:
        yield _Taken(table, "SHARE ROW EXCLUSIVE")
    elif kind == _COMMANDS.AT_AddColumn:
        yield _Taken(table, "ACCESS EXCLUSIVE", _work_of_column(command.def_))
        for constraint in command.def_.constraints or ():
            if constraint.contype not in (_CONSTRAINTS.CONSTR_DEFAULT, _CONSTRAINTS.CONSTR_NOTNULL):
                yield from _constrained(table, constraint)
    else:
        works: dict[Any, Work] = {
            _COMMANDS.AT_SetNotNull: "reads-rows",
            _COMMANDS.AT_AlterColumnType: "may-rewrite",
            _COMMANDS.AT_SetTableSpace: "rewrites",
            _COMMANDS.AT_SetLogged: "rewrites",
            _COMMANDS.AT_SetUnLogged: "rewrites",
        }
        yield _Taken(table, "ACCESS EXCLUSIVE", works.get(kind))


def _is_weak_storage(command: Any) -> bool:
    return all(str(option.defname).startswith(_WEAK_STORAGE) for option in command.def_)


def _constrained(table: Name, constraint: Any) -> _Taking:
    kind = constraint.contype
    if kind == _CONSTRAINTS.CONSTR_FOREIGN:
        yield _Taken(table, "SHARE ROW EXCLUSIVE", None if constraint.skip_validation else "reads-rows")
        yield _Taken(name_of(constraint.pktable), "SHARE ROW EXCLUSIVE")
    elif kind in (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_UNIQUE, _CONSTRAINTS.CONSTR_EXCLUSION):
        yield _Taken(table, "ACCESS EXCLUSIVE", None if constraint.indexname else "builds-index")
    elif kind in (_CONSTRAINTS.CONSTR_CHECK, _CONSTRAINTS.CONSTR_NOTNULL):
        yield _Taken(table, "ACCESS EXCLUSIVE", None if constraint.skip_validation else "reads-rows")
    else:
        yield _Taken(table, "ACCESS EXCLUSIVE", "rewrites" if kind == _CONSTRAINTS.CONSTR_GENERATED else None)


def _work_of_column(column: Any) -> Work | None:
    """A volatile default is computed for each row, which rewrites the table; a constant is kept once."""
    kinds = {constraint.contype: constraint for constraint in column.constraints or ()}
    if {_CONSTRAINTS.CONSTR_GENERATED, _CONSTRAINTS.CONSTR_IDENTITY} & kinds.keys():
        return "rewrites"
    if str(column.typeName.names[-1].sval).endswith("serial"):
        return "rewrites"
    default = kinds.get(_CONSTRAINTS.CONSTR_DEFAULT)
    return "may-rewrite" if default is not None and _calls(default.raw_expr) else None


def _calls(expression: Any) -> bool:
    """Whether a function is called that may be volatile."""
    if isinstance(expression, ast.FuncCall):
        return path_of(expression.funcname)[1] not in _STABLE
    if isinstance(expression, ast.TypeCast):
        return _calls(expression.arg)
    return not isinstance(expression, (ast.A_Const, ast.SQLValueFunction, ast.A_ArrayExpr))


def _created(node: Any) -> _Taking:
    for parent in node.inhRelations or ():
        yield _Taken(name_of(parent), "ACCESS EXCLUSIVE" if node.partbound else "SHARE UPDATE EXCLUSIVE")
    elements = node.tableElts or ()
    constraints = [each for each in elements if isinstance(each, ast.Constraint)]
    for column in (each for each in elements if isinstance(each, ast.ColumnDef)):
        constraints += column.constraints or ()
    for constraint in constraints:
        if constraint.contype == _CONSTRAINTS.CONSTR_FOREIGN:
            yield _Taken(name_of(constraint.pktable), "SHARE ROW EXCLUSIVE")


def _dropped(node: Any) -> _Taking:
    for dropped in node.objects:
        if node.removeType in _TABLES:
            yield _Taken(path_of(dropped), "ACCESS EXCLUSIVE")
        elif node.removeType in _ON_TABLES:
            yield _Taken(path_of(dropped[:-1]), "ACCESS EXCLUSIVE")
