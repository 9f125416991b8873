"""Comments above a statement that are directives: ``-- schema-service: <word>``.

:mod:`migrations.ddl.statements` reads them.
"""

from __future__ import annotations

#: Above an UPDATE: it runs in batches; see :mod:`migrations.scripts.batches`.
BACKFILL = "-- schema-service: backfill"
#: Above any statement on a table: it is meant to fail on rows that don't fit.
MAY_REFUSE = "-- schema-service: may-refuse"


def word_of(directive: str) -> str:
    """The word after the colon."""
    return directive.rpartition(" ")[2]
