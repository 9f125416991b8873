"""Which scripts of a history can change what the checks of another are: those that share a name with it.

A history is long, and most of its scripts have nothing to do with each other. Where a script may reach what
it doesn't name (code, views, inheritance, CASCADE, a search path), it is linked to every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from pglast import ast, enums
from pglast.visitors import Visitor

from ..ddl.catalog_model import Database
from ..ddl.names import dropped, path_of, type_text_of
from ..ddl.statements import ParsedScript

_Node: TypeAlias = Any
#: The names that a migration's scripts are about; None: anything.
Links: TypeAlias = frozenset[str] | None
History: TypeAlias = Sequence[tuple[ParsedScript, ParsedScript | None]]

_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
_CASCADE: Final = enums.DropBehavior.DROP_CASCADE
_ROWS: Final = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)
#: Statements whose effects are on what they name.
_LOCAL: Final = (
    *(ast.CreateStmt, ast.AlterTableStmt, ast.IndexStmt, ast.RenameStmt, ast.DropStmt, ast.CommentStmt),
    *(ast.CreateSeqStmt, ast.AlterSeqStmt, ast.CreateEnumStmt, ast.AlterEnumStmt, ast.CreateTrigStmt),
    *(ast.CreateFunctionStmt, ast.SelectStmt, *_ROWS),
)
_TYPES: Final = (ast.CreateEnumStmt, ast.RenameStmt)
_DROPPED: Final = (
    _OBJECTS.OBJECT_TABLE,
    _OBJECTS.OBJECT_INDEX,
    _OBJECTS.OBJECT_SEQUENCE,
    _OBJECTS.OBJECT_TYPE,
)
_RENAMED: Final = (
    *(_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_COLUMN, _OBJECTS.OBJECT_INDEX, _OBJECTS.OBJECT_SEQUENCE),
    *(_OBJECTS.OBJECT_TABCONSTRAINT, _OBJECTS.OBJECT_TYPE),
)
_TO_OTHERS: Final = (
    *(_ACTIONS.AT_AttachPartition, _ACTIONS.AT_DetachPartition, _ACTIONS.AT_AddInherit),
    *(_ACTIONS.AT_DropInherit, _ACTIONS.AT_AddOf, _ACTIONS.AT_DropOf),
)


class LinkFinder:
    """Finds the links of each migration, for one history."""

    def __init__(self, history: History) -> None:
        nodes = [each.node for scripts in history for script in scripts for each in script or ()]
        functions = [each for each in nodes if isinstance(each, ast.CreateFunctionStmt)]
        self._has_code = bool(functions) or any(isinstance(node, ast.CreateTrigStmt) for node in nodes)
        #: Of types that the history makes or renames; other types are the server's, or never change.
        self._types = {name for node in nodes if isinstance(node, _TYPES) for name in _own_names(node)}
        self._calling = {"set_config"} | {path_of(each.funcname)[1] for each in functions}

    def links(self, up: ParsedScript, down: ParsedScript, database: Database) -> Links:
        """Of a migration with these scripts; ``database`` is the model between the two."""
        nodes = [each.node for script in (up, down) for each in script]
        if not all(map(self._is_local, nodes)):
            return None
        found = _Names()
        for node in nodes:
            found(node)
            found.names |= _own_names(node)
        if not found.functions.isdisjoint(self._calling):
            return None
        return self._with_owners(frozenset(found.names | (found.types & self._types)), database)

    def _with_owners(self, names: frozenset[str], database: Database) -> Links:
        """With the tables of indexes and sequences, and the types of columns."""
        types = {type_text_of(name): name[1] for name in database.types}
        more: set[str] = set()
        owners: set[int] = set()
        for name, relation in database.relations.items():
            if name[1] in names:
                is_plain = relation.kind in ("table", "index", "sequence") and not relation.is_partitioned
                if not is_plain or relation.parents or relation.of_type is not None:
                    return None
                owners.add(id(relation.owner))
                used = (column.type for column in relation.columns.values())
                more |= {types[each] for text in used if (each := (text or "").replace("[]", "")) in types}
        more |= {name[1] for name, relation in database.relations.items() if id(relation) in owners}
        return names | more

    def _is_local(self, node: _Node) -> bool:
        if not isinstance(node, _LOCAL) or (self._has_code and isinstance(node, (ast.SelectStmt, *_ROWS))):
            return False
        if isinstance(node, ast.CreateStmt):
            return not (node.inhRelations or node.partspec or node.partbound or node.ofTypename)
        if isinstance(node, ast.AlterTableStmt):
            commands: Iterable[_Node] = node.cmds or ()
            return all(each.behavior != _CASCADE and each.subtype not in _TO_OTHERS for each in commands)
        if isinstance(node, ast.DropStmt):
            return node.behavior != _CASCADE and node.removeType in _DROPPED
        return not isinstance(node, ast.RenameStmt) or node.renameType in _RENAMED


def are_linked(one: Links, other: Links) -> bool:
    """Whether they share a name."""
    return one is None or other is None or not one.isdisjoint(other)


def joined(one: Links, other: Links) -> Links:
    """The names of both."""
    return None if one is None or other is None else one | other


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.types: set[str] = set()
        self.functions: set[str] = set()

    def visit_RangeVar(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.names.add(node.relname or "")

    def visit_TypeName(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.TypeName
    ) -> None:
        self.types.add(path_of(node.names)[1])

    def visit_Constraint(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.Constraint
    ) -> None:
        self.names |= {name for name in (node.conname, node.indexname) if name}

    def visit_FuncCall(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        self.functions.add(path_of(node.funcname)[1])


def _own_names(node: _Node) -> set[str]:
    """Those that it gives or drops, and that are in no part of it."""
    if isinstance(node, ast.DropStmt):
        return {name for _, name in dropped(node)}
    if isinstance(node, ast.RenameStmt):
        is_column = node.renameType == _OBJECTS.OBJECT_COLUMN
        of_type = {path_of(node.object)[1]} if node.renameType == _OBJECTS.OBJECT_TYPE else set()
        return of_type | (set() if is_column else {node.newname or ""})
    if isinstance(node, ast.IndexStmt):
        return {node.idxname} if node.idxname else set()
    if isinstance(node, (ast.CreateEnumStmt, ast.AlterEnumStmt)):
        return {path_of(node.typeName)[1]}
    return set()
