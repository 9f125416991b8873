"""Puts rows into every table of a database. The same database gets the same rows, whoever runs it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import errors, sql

from schemas.errors import Problem

from ...runner.verification.pg_catalog_query import SPELLING
from .checks import Choice, Values, check_choices
from .order import is_required, seeding_order
from .pg_catalog import Connection, ForeignKey, SeedColumn, SeedTable, read_tables
from .row_security import without_forced_row_security
from .rows import DEFAULT, FULL, Cell, Recipe, Row, Shape
from .values import ordinary

#: Code in the database finds what it names as it does when the runner runs.
SEARCH_PATH = "SET LOCAL search_path = public"
# Partitions inherit theirs.
_DEFERRABLE_FOREIGN_KEYS = """
SELECT DISTINCT n.nspname, k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.contype = 'f' AND k.condeferrable AND k.conparentid = 0
"""
_MOST_REFERRED = 40
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Seeding:
    """How many rows each table got, by its name in messages; ``warnings`` name the tables without rows.

    ``errors`` are those of rows that a table refused, by its id.
    """

    rows: dict[str, int]
    warnings: tuple[Problem, ...]
    errors: dict[int, list[psycopg.Error]] = field(default_factory=dict, compare=False)


def seed(
    connection: Connection, *, with_boundaries: bool = True, only: Collection[int] | None = None
) -> Seeding:
    """Insert rows into every table, in addition to existing ones.

    They have NULLs, defaults, empty and filled arrays, every enum value and, ``with_boundaries``, the limits
    of each type; keys, unique and check constraints hold. A table that accepts no row is a warning.
    ``only`` are the ids of tables that get rows (None: all).
    """
    order = seeding_order(read_tables(connection))
    skipped = frozenset(t.id for t in order.tables if only is not None and t.id not in only)
    with connection.transaction():
        connection.execute(f"{SPELLING}; {SEARCH_PATH}".encode())
        with without_forced_row_security(connection):
            # A row that a deferred constraint refuses has to be refused at once: at COMMIT all rows would be.
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if not order.cyclic:
                return _Seeder(connection, order.tables, with_boundaries, skipped).run()
            try:
                with connection.transaction():
                    _defer_foreign_keys(connection)
                    seeding = _Seeder(connection, order.tables, with_boundaries, skipped).run()
                    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    return seeding
            except errors.IntegrityError:
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                return _Seeder(connection, order.tables, with_boundaries, skipped | order.cyclic).run()


def _defer_foreign_keys(connection: Connection) -> None:
    names = connection.execute(_DEFERRABLE_FOREIGN_KEYS).fetchall()
    if names:
        listed = sql.SQL(", ").join(sql.Identifier(*name) for name in names)
        connection.execute(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(listed))


class _Seeder:
    def __init__(
        self,
        connection: Connection,
        tables: Sequence[SeedTable],
        with_boundaries: bool,
        skipped: frozenset[int] = frozenset(),
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._by_id = {table.id: table for table in tables}
        self._with_boundaries = with_boundaries
        self._skipped = skipped
        self._seeded: set[int] = set()
        self._why: dict[int, str] = {}
        self._errors: dict[int, list[psycopg.Error]] = {}

    def run(self) -> Seeding:
        rows: dict[str, int] = {}
        warnings: list[Problem] = []
        for table in self._tables:
            rows[table.shown] = 0 if table.id in self._skipped else self._fill(table)
            if self._count(table) > 0:
                self._seeded.add(table.id)
            else:
                warnings.append(self._unseeded(table))
        for table in self._tables:
            self._complete(table)
        return Seeding(rows, tuple(warnings), self._errors)

    def _fill(self, table: SeedTable) -> int:
        recipe = self._recipe(table)
        before = self._count(table)
        rows = []
        for position, shape in enumerate(recipe.shapes(with_boundaries=self._with_boundaries)):
            row = recipe.row(shape, before + position)
            if row is None:
                self._why[table.id] = "a table that it references has no rows, or none that fits"
                return 0
            rows.append(row)
        if self._insert(table, rows) is None:
            recipe = replace(recipe, unreadable=self._unreadable(table))
            for position, shape in enumerate(recipe.shapes(with_boundaries=self._with_boundaries)):
                self._insert_somehow(table, recipe, shape, before + position)
        for name in set(recipe.mirrored.values()):
            if table.columns[name].is_numbered:
                self._advance(table, name)
        return self._count(table) - before

    def _advance(self, table: SeedTable, column: str) -> None:
        """Let the column's sequence go on after the numbers that rows were given here."""
        self._connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                sql.Literal(table.identifier.as_string(self._connection)),
                sql.Literal(column),
                sql.Identifier(column),
                table.identifier,
            )
        )

    def _insert_somehow(self, table: SeedTable, recipe: Recipe, shape: Shape, number: int) -> None:
        """A row that is refused for its boundary values is tried with ordinary ones and the same labels."""
        for attempt in range(_ATTEMPTS):
            row = recipe.row(shape, number + attempt // 2 * recipe.stride)
            if row is None or self._insert(table, [row]):
                return
            if not shape.is_sparse:
                shape = FULL

    def _unreadable(self, table: SeedTable) -> frozenset[str]:
        """Columns whose types can't read our values on this server, such as XML where it is built without."""
        return frozenset(column.name for column in table.columns.values() if not self._is_readable(column))

    def _is_readable(self, column: SeedColumn) -> bool:
        value = ordinary(column.type, 0)
        if value is None or column.type.conditions:
            return value is not None
        try:
            with self._connection.transaction():
                self._connection.execute(sql.SQL("SELECT {}").format(_cell(column, value)))
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            return False
        return True

    def _recipe(self, table: SeedTable) -> Recipe:
        references: list[Choice] = []
        mirrored: dict[str, str] = {}
        for key in table.foreign_keys:
            if not set(key.columns) <= table.columns.keys():
                continue
            if key.target == table.id and is_required(table, key):
                mirrored.update(zip(key.columns, key.referred, strict=True))
            else:
                references.append(self._reference(table, key))
        references.sort(key=lambda choice: -len(choice.columns))
        referred = {
            name: list(dict.fromkeys(option[place] for option in choice.options))
            for choice in references
            for place, name in enumerate(choice.columns)
        }
        checks = check_choices(self._connection, table, referred)
        return Recipe(table=table, references=references, checks=checks, mirrored=mirrored)

    def _reference(self, table: SeedTable, key: ForeignKey) -> Choice:
        options: list[Values] = []
        target = self._by_id.get(key.target)
        if key.target in self._seeded and target is not None:
            columns = sql.SQL(", ").join(map(sql.Identifier, key.referred))
            texts = sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(name)) for name in key.referred
            )
            query = sql.SQL(
                "SELECT {} FROM {} WHERE ({}) IS NOT NULL ORDER BY tableoid, ctid LIMIT {}"
            ).format(texts, target.identifier, columns, sql.Literal(_MOST_REFERRED))
            options = self._connection.execute(query).fetchall()
        elif target is not None and is_required(table, key):
            # In a cycle the other row doesn't exist yet: it will be the one with this number.
            kinds = [target.columns[name].type for name in key.referred if name in target.columns]
            options = [tuple(ordinary(kind, 0) for kind in kinds)]
        if not options and not is_required(table, key):
            optional = next(name for name in key.columns if not table.columns[name].is_required)
            return Choice((optional,), ((None,),))
        return Choice(key.columns, options)

    def _insert(self, table: SeedTable, rows: Sequence[Row]) -> int | None:
        """How many rows were inserted, without those that a unique constraint refuses; None on an error."""
        if not table.has_deferrable_key:
            return self._try_insert(table, rows, sql.SQL("ON CONFLICT DO NOTHING"))
        inserted = [self._try_insert(table, [row], sql.SQL("")) for row in rows]
        return None if None in inserted else sum(number or 0 for number in inserted)

    def _try_insert(self, table: SeedTable, rows: Sequence[Row], conflicts: sql.SQL) -> int | None:
        names = list(table.columns)
        if names:
            statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {} {}").format(
                table.identifier,
                sql.SQL(", ").join(map(sql.Identifier, names)),
                sql.SQL(", ").join(
                    _tuple([(table.columns[name], row[name]) for name in names]) for row in rows
                ),
                conflicts,
            )
        else:
            statement = sql.SQL("INSERT INTO {} DEFAULT VALUES").format(table.identifier)
        try:
            with self._connection.transaction():
                return self._connection.execute(statement).rowcount
        except psycopg.OperationalError:
            raise
        except (errors.UniqueViolation, errors.ExclusionViolation):
            return 0
        except psycopg.Error as error:
            self._why[table.id] = error.diag.message_primary or str(error)
            self._errors.setdefault(table.id, []).append(error)
            return None

    def _complete(self, table: SeedTable) -> None:
        """Fill one row's optional references to tables that were seeded later."""
        for key in table.foreign_keys:
            target = self._by_id.get(key.target)
            if target is None or is_required(table, key) or not set(key.columns) <= table.columns.keys():
                continue
            names = sql.SQL(", ").join(map(sql.Identifier, key.columns))
            statement = sql.SQL(
                "UPDATE {table} SET ({names}) = ROW({values}) "
                "FROM (SELECT * FROM {target} LIMIT 1) AS parent "
                "WHERE {table}.ctid = (SELECT min(ctid) FROM {table}) AND NOT EXISTS ("
                "SELECT FROM {table} WHERE ({names}) IS NOT NULL)"
            ).format(
                table=table.identifier,
                names=names,
                values=sql.SQL(", ").join(sql.Identifier("parent", name) for name in key.referred),
                target=target.identifier,
            )
            try:
                with self._connection.transaction():
                    self._connection.execute(statement)
            except psycopg.OperationalError:
                raise
            except psycopg.Error:  # forbidden by other constraints on these columns: they stay NULL
                continue

    def _count(self, table: SeedTable) -> int:
        row = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table.identifier)).fetchone()
        return int(row[0]) if row else 0

    def _unseeded(self, table: SeedTable) -> Problem:
        why = self._why.get(table.id, "its required foreign keys form a cycle that no first row can enter")
        return Problem(
            code="not-rehearsed-with-rows",
            message=f"table {table.shown} was rehearsed without rows: {why}",
            fix="nothing needs to be done, but its migrations were only tried on an empty table",
            severity="warning",
        )


def _tuple(cells: Sequence[tuple[SeedColumn, Cell]]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(", ").join(_cell(column, value) for column, value in cells))


def _cell(column: SeedColumn, value: Cell) -> sql.Composable:
    if value is DEFAULT:
        return sql.SQL("DEFAULT")
    if value is None:
        return sql.SQL("NULL")
    # Postgres wrote the type's name itself, so it is SQL and not a user's text.
    return sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(column.type.name))
