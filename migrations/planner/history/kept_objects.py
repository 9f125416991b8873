"""Rewrite: what the history made of a table by hand is kept through changes, and comes back in a downgrade.

Postgres refuses to change the type of a column that a view, a generated column, a trigger or a policy names,
and to swap an enum that a check or a partial index names: they are dropped before, and made again after. What
the engine writes in its own words (a unique index, a plain foreign key) is written as the history made it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from pglast import ast, enums
from pglast.stream import RawStream

from ...ddl.names import Name, dropped, name_of, path_of, sql_name
from ...identifiers import quoted
from ..context import created_tables
from ..may_refuse import marked
from ..script import DraftStatement
from .made import Key, Kind, Made
from .made_objects import MadeObjects

_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_RANKS: Final[dict[Kind, int]] = {
    "column": 0, "constraint": 1, "index": 2, "view": 3, "trigger": 5, "policy": 6, "setting": 7,
}  # fmt: skip
_INDEX_OF_VIEW = 4
_IGNORED: Final[dict[Kind, str]] = {
    "column": "\nsquawk-ignore adding-field-with-default",
    "constraint": "\nsquawk-ignore constraint-missing-not-valid, disallowed-unique-constraint",
    "index": "\nsquawk-ignore require-concurrent-index-creation",
}
_CHECKED = (_CONSTRAINTS.CONSTR_CHECK, _CONSTRAINTS.CONSTR_FOREIGN)


def keep_objects(
    statements: Sequence[DraftStatement], made: MadeObjects, enum_columns: Collection[tuple[Name, str]]
) -> list[DraftStatement]:
    """``statements``, with the history's forms, and with what is in their way dropped and made again.

    ``made`` is what there is before, and is moved on to what there is after.
    """
    kept: list[DraftStatement] = []
    spans: dict[Key, tuple[Made, int, int]] = {}
    for given in statements:
        for statement in _as_made(given, made):
            alteration = statement.alteration
            if alteration is not None and alteration.kind == _ACTIONS.AT_AlterColumnType:
                end = _end_of_swap(statement, statements)
                for each in _in_the_way(made, *alteration.place, is_enum=alteration.place in enum_columns):
                    _, first, _ = spans.get(each.key, (each, len(kept), 0))
                    spans[each.key] = each, first, len(kept) + end
            made.apply(statement.node)
            kept.append(statement)
    for each, _, _ in spans.values():
        if each.key in made.objects:
            made.add(each)  # as it is made again, whatever was done to its types meanwhile
    return list(_woven(kept, list(spans.values())))


def made_again(
    made: MadeObjects, table: Name, columns: Sequence[str], *, is_enum: bool
) -> tuple[list[str], list[str]]:
    """The statements before a change of the columns' types, and those after it."""
    found = {
        each.key: each for column in columns for each in _in_the_way(made, table, column, is_enum=is_enum)
    }
    every = list(found.values())
    return [each.removal for each in _removed(every)], [each.creation for each in _in_order(every)]


def restored_objects(
    statements: Sequence[DraftStatement], before: MadeObjects, after: MadeObjects
) -> Iterator[DraftStatement]:
    """What the upgrade dropped of what there was ``before``, and the downgrade has not made again.

    ``statements`` are the downgrade, and ``after`` is what they lead to.
    """
    new = created_tables(statements)
    missing = [each for key, each in after.gone.items() if key in before.objects and each.is_known]
    for each in sorted(missing, key=lambda each: _RANKS[each.kind]):
        heading = f"Restore{each.kind.capitalize()} (as an earlier migration made it)"
        is_checked = each.kind == "constraint" and each.node.contype in _CHECKED
        if each.table in new or each.kind not in ("index", "constraint"):
            yield DraftStatement(each.creation, heading)
        elif is_checked:
            own = copy.deepcopy(each.node)
            own.skip_validation = True
            yield DraftStatement(_added(each.table, own), heading)
            validation = f"ALTER TABLE {sql_name(each.table)} VALIDATE CONSTRAINT {quoted(each.name)}"
            yield marked(DraftStatement(validation, "ValidateConstraint"))
        elif each.kind == "index":
            own = copy.deepcopy(each.node)
            own.concurrent = True
            yield DraftStatement(str(RawStream()(own)), heading)
        else:
            yield DraftStatement(each.creation, f"{heading}{_IGNORED['constraint']}")


def _as_made(statement: DraftStatement, made: MadeObjects) -> Iterator[DraftStatement]:
    node, alteration = statement.node, statement.alteration
    constraint = alteration.constraint if alteration else None
    if isinstance(node, ast.DropStmt) and node.removeType == _OBJECTS.OBJECT_INDEX:
        found = _constraint_named(made, dropped(node)[0])
        yield DraftStatement(found.removal, "DropConstraint") if found else statement
    elif isinstance(node, ast.IndexStmt) and node.unique:
        yield from _as_constraint(
            statement, made, name_of(node.relation), node.idxname or "", node.idxname or ""
        )
    elif isinstance(node, ast.RenameStmt) and node.renameType == _OBJECTS.OBJECT_INDEX:
        schema, built = name_of(node.relation)
        tables = [
            key[1] for key in made.objects if key[0] == "index" and key[2] == built and key[1][0] == schema
        ]
        yield from (
            _as_constraint(statement, made, tables[0], built, node.newname or "") if tables else [statement]
        )
    elif (
        alteration is not None
        and constraint is not None
        and constraint.contype == _CONSTRAINTS.CONSTR_FOREIGN
    ):
        yield _as_reference(statement, constraint, made.constraint(*alteration.place))
    else:
        yield statement


def _constraint_named(made: MadeObjects, name: Name) -> Made | None:
    for (kind, table, own), found in made.objects.items():
        if kind == "constraint" and (table[0], own) == name:
            return found
    return None


def _as_constraint(
    statement: DraftStatement, made: MadeObjects, table: Name, built: str, name: str
) -> Iterator[DraftStatement]:
    """A unique index under a name that a constraint had becomes one."""
    known = made.gone.get(("constraint", table, name))
    if known is None or known.node.contype != _CONSTRAINTS.CONSTR_UNIQUE:
        yield statement
        return
    if not isinstance(statement.node, ast.RenameStmt):
        yield statement
    own = ast.Constraint(
        contype=_CONSTRAINTS.CONSTR_UNIQUE,
        conname=name,
        indexname=built,
        deferrable=known.node.deferrable,
        initdeferred=known.node.initdeferred,
    )
    yield DraftStatement(
        _added(table, own), "AddConstraint (of the unique index, as an earlier migration made it)"
    )


def _as_reference(
    statement: DraftStatement, constraint: ast.Constraint, known: Made | None
) -> DraftStatement:
    """A foreign key with what Prisma has no word for."""
    form: Any = known.node if known else None
    if form is None or form.contype != _CONSTRAINTS.CONSTR_FOREIGN:
        return statement
    own: Any = copy.deepcopy(constraint)
    own.deferrable, own.initdeferred = form.deferrable, form.initdeferred
    if len(own.fk_attrs) == len(form.fk_attrs):
        own.fk_matchtype = form.fk_matchtype
    if own.fk_del_action == form.fk_del_action and form.fk_del_set_cols:
        own.fk_del_set_cols = form.fk_del_set_cols
    alteration = statement.alteration
    assert alteration is not None, "it adds a constraint"
    is_plain = (own.deferrable, own.fk_matchtype, own.fk_del_set_cols) == (
        constraint.deferrable, constraint.fk_matchtype, constraint.fk_del_set_cols,
    )  # fmt: skip
    return statement if is_plain else DraftStatement(_added(alteration.table, own), statement.heading)


def _added(table: Name, constraint: ast.Constraint) -> str:
    return f"ALTER TABLE {sql_name(table)} ADD {str(RawStream()(constraint)).strip()}"


def _end_of_swap(statement: DraftStatement, statements: Sequence[DraftStatement]) -> int:
    """How many statements after this one the enum's old type is dropped; 0 where no type is swapped."""
    column = statement.alteration.column if statement.alteration else None
    schema, name = path_of(column.typeName.names) if column is not None and column.typeName else ("", "")
    old = schema, f"{name.removesuffix('_new')}_old"
    following = statements[statements.index(statement) :]
    for distance, each in enumerate(following):
        node = each.node
        if (
            isinstance(node, ast.DropStmt)
            and node.removeType == _OBJECTS.OBJECT_TYPE
            and old in dropped(node)
        ):
            return distance
    return 0


def _in_the_way(made: MadeObjects, table: Name, column: str, *, is_enum: bool) -> Iterator[Made]:
    """What Postgres would refuse to change with the column, and what falls with that."""
    found = [each for each in made.naming(table, column) if each.is_known]
    generated = {(each.table, each.name) for each in found if each.kind == "column"}
    views = {each.table for each in found if each.kind == "view"}
    for each in found:
        falls = each.table in views or not each.reads.isdisjoint(generated)
        is_key = each.kind in ("constraint", "index")
        if falls or not is_key or (is_enum and _has_expression(each)):
            yield each


def _has_expression(made: Made) -> bool:
    if made.kind == "constraint":
        return bool(made.node.contype == _CONSTRAINTS.CONSTR_CHECK)
    return made.node.whereClause is not None or any(part.expr for part in made.node.indexParams)


def _woven(
    statements: Sequence[DraftStatement], spans: Sequence[tuple[Made, int, int]]
) -> Iterator[DraftStatement]:
    every = [made for made, _, _ in spans]
    begins, ends = ({made.key: at[which] for made, *at in spans} for which in (0, 1))
    removals, creations = _removed(every), _in_order(every)
    for at, statement in enumerate(statements):
        for made in (each for each in removals if begins[each.key] == at):
            ignored = "\nsquawk-ignore require-concurrent-index-deletion" if made.kind == "index" else ""
            heading = f"Drop{made.kind.capitalize()} (it is made again when the type is changed){ignored}"
            yield DraftStatement(made.removal, heading)
        yield statement
        for made in (each for each in creations if ends[each.key] == at):
            ignored = _IGNORED.get(made.kind, "")
            yield DraftStatement(made.creation, f"Make{made.kind.capitalize()} (as it was){ignored}")


def _in_order(every: Sequence[Made]) -> list[Made]:
    """In the order in which they can be made."""
    views = _views(every)

    def rank(made: Made) -> int:
        return _INDEX_OF_VIEW if made.kind == "index" and made.table in views else _RANKS[made.kind]

    return sorted(every, key=rank)


def _removed(every: Sequence[Made]) -> list[Made]:
    """In the order in which they can be dropped, without those that go with another one."""
    views = _views(every)
    generated = {(made.table, made.name) for made in every if made.kind == "column"}

    def goes_with_another(made: Made) -> bool:
        if made.kind == "setting" or (made.kind != "view" and made.table in views):
            return True
        return made.kind in ("constraint", "index") and not made.reads.isdisjoint(generated)

    return [made for made in reversed(_in_order(every)) if not goes_with_another(made)]


def _views(every: Sequence[Made]) -> set[Name]:
    return {made.table for made in every if made.kind == "view"}
