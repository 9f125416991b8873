"""Before the first step the data is asked whether all steps will succeed; if not, nothing is changed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import RefusedError
from migrations.runner.options import Options, address

from .kit import manifest, migration, rows, upgrade


class Heard(list[tuple[str, dict[str, Any]]]):
    """The events of a run."""

    def __call__(self, event: str, /, **fields: Any) -> None:
        self.append((event, fields))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self if name == event]


def test_a_check_that_takes_too_long_is_told_and_a_loss_refused(dsn: str) -> None:
    package = manifest(
        migration(1, "CREATE TABLE t (a int);"),
        migration(
            2,
            "ALTER TABLE t ADD b int; CREATE TABLE u (a int);",
            "ALTER TABLE t ALTER a SET NOT NULL; DROP TABLE u;",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package)
    options = Options(check_timeout=0.2)
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE u")
        found = commands.plan(package, address(dsn), to="1.0.0", down=True, options=options)
        with pytest.raises(RefusedError) as refused:
            commands.downgrade(package, address(dsn), to="1.0.0", options=options)
        assert refused.value.code == "loss-unknown"
        assert refused.value.details == (
            '002_m2: table "u" (DROP TABLE): its rows can\'t be counted (no answer within 0.2 s)',
        )
        assert found.losses == refused.value.details
        other.rollback()
        other.execute("LOCK TABLE t")
        found = commands.plan(package, address(dsn), to="1.0.0", down=True, options=options)
        assert found.unchecked == (
            '002_m2: column "t"."a" becomes NOT NULL, and holds NULL (no answer within 0.2 s)',
        )
        assert found.losses == ()
    heard = Heard()
    commands.downgrade(package, address(dsn), to="1.0.0", options=options, listener=heard)
    assert heard.of("not_checked") == []
    assert rows(dsn, "SELECT to_regclass('u')") == [(None,)]
