"""Random graphs of versions with maintenance lines: whatever the runner lets through ends in its target."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from migrations.runner.errors import RefusedError
from migrations.runner.manifest import Manifest
from schemas.versions import SchemaVersion
from schemas.workspace.lines import CONTAINED, RUN, Origin, VersionLine, base_of, contained_versions, lines_of
from schemas.workspace.migration import Migration

from .kit import downgrade, tables, upgrade
from .test_runner_lines import package

_STEPS = 14
_MADE, _QUIET = "makes_a_table", "changes_nothing"
_SEEDS = (0, 7, 22, 39)


@dataclass
class Graph:
    """Versions in the order in which they are made. ``tables`` are those of each version: a migration makes
    one, or none where its change is in other versions already."""

    chance: random.Random
    origins: dict[str, Origin] = field(default_factory=dict)
    migrations: list[Migration] = field(default_factory=list)
    tables: dict[str, set[str]] = field(default_factory=dict)
    packages: dict[str, Manifest] = field(default_factory=dict)

    @classmethod
    def of(cls, seed: int) -> Graph:
        graph = cls(random.Random(seed))
        for version in ("1.0.0", "1.1.0", "2.0.0"):
            graph.add(version, Origin())
        graph.add("1.1.1", Origin(from_=SchemaVersion.parse("1.1.0")))
        if graph.chance.random() < 0.5:
            graph.add("1.1.2", Origin(from_=SchemaVersion.parse("1.1.1")))
        newest = max(each for each in graph.origins if each.startswith("1.1."))
        if graph.chance.random() < 0.5:
            graph.add("2.1.0", Origin())
            graph.add("2.0.1", Origin(from_=SchemaVersion.parse("2.0.0")))
        last = "2.1.1" if "2.1.0" in graph.origins else "2.0.1"
        graph.add(last, Origin(), taken=newest)
        if last == "2.1.1" and graph.chance.random() < 0.5:
            graph.add("3.0.0", Origin(), taken="2.0.1")
        graph.add("3.1.0", Origin())
        return graph

    def add(self, version: str, origin: Origin, taken: str | None = None) -> None:
        """A version with up to two migrations, which takes a line over with an answer for each of its own."""
        known = {SchemaVersion.parse(each): said for each, said in {**self.origins, version: origin}.items()}
        own = SchemaVersion.parse(version)
        known = {each: known[each] for each in sorted(known) if each <= own}
        base = base_of(own, known)
        there = set() if base is None else set(self.tables[str(base)])
        if taken is not None:
            asked = self._asked(SchemaVersion.parse(taken), base, known)
            origin = Origin(from_=origin.from_, takes={SchemaVersion.parse(taken): self._answers(asked, own)})
            there |= {f"t_{each.partition('_')[0]}" for each in asked if not each.endswith(_QUIET)}
        for _ in range(self.chance.choice((0, 1, 1, 2) if base else (1,))):
            self._migrate(own, f"t_{len(self.migrations) + 1:03d}")
        if self.chance.random() < 0.3:
            self._migrate(own, None, _QUIET)
        made = {f"t_{m.number:03d}" for m in self.migrations if m.version == own and m.name == _MADE}
        self.origins[version], self.tables[version] = origin, there | made
        self.packages[version] = package(
            version, *self.migrations, origins=self.origins, versions=list(self.origins)
        )

    def _answers(self, asked: list[str], own: SchemaVersion) -> dict[str, str]:
        """It runs there, or a migration makes the same table; what changes nothing is contained."""
        answers = {}
        for name in asked:
            answers[name] = RUN
            if self.chance.random() < 0.5:
                table = f"t_{name.partition('_')[0]}"
                is_quiet = name.endswith(_QUIET)
                answers[name] = CONTAINED if is_quiet else self._migrate(own, table, "in_place").id
        return answers

    def _migrate(self, version: SchemaVersion, table: str | None, name: str = _MADE) -> Migration:
        made = Migration(
            number=len(self.migrations) + 1,
            name=name,
            version=version,
            up=f"CREATE TABLE {table} (id int)" if table else "SELECT 1",
            down=f"DROP TABLE {table}" if table else "SELECT 1",
        )
        self.migrations.append(made)
        return made

    def _asked(
        self, taken: SchemaVersion, base: SchemaVersion | None, known: dict[SchemaVersion, Origin]
    ) -> list[str]:
        line, before = self._line(taken, known), None if base is None else self._line(base, known)
        return sorted(line.known - (before.known if before else frozenset()))

    def _line(self, version: SchemaVersion, known: dict[SchemaVersion, Origin]) -> VersionLine:
        contained = contained_versions(version, known)
        own = {each: [m for m in self.migrations if m.version == each] for each in contained}
        return lines_of(contained, known, own)[version]


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_way_that_the_runner_allows_ends_in_its_target(dsn: str, seed: int) -> None:
    graph = Graph.of(seed)
    chance, at, done = graph.chance, "none", 0
    for _ in range(_STEPS * 3):
        name = chance.choice(list(graph.packages))
        manifest = graph.packages[name]
        target = chance.choice([*manifest.versions, manifest.version, manifest.version])
        before = tables(dsn)
        try:
            if chance.random() < 0.6:
                ran = upgrade(dsn, manifest, target)
            else:
                ran = downgrade(dsn, manifest, target)
        except RefusedError:
            assert tables(dsn) == before
            continue
        done += bool(ran)
        if ran or target == at:
            at = target
            assert tables(dsn) == graph.tables[target], (name, target, ran)
        if done == _STEPS:
            break
    assert done
